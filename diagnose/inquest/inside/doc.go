// Package inside says what the memory of a container's running processes shows: who of it stands still, what for, and
// what is left undone. It reads the looks that the collector took (two, a second apart, where it could):
//
//	thread 7, still, ran 27 s ago, in recvfrom on 172.18.0.3:6379
//	    redis/connection.py:192 SocketBuffer._read_from_socket
//	    /app/app.py:31          get_stock
//	    asyncio/base_events.py:1922 BaseEventLoop._run_once
//	=> View{Loops: 1, StuckLoops: [{Place: /app/app.py:31 get_stock, For: 27}]}, Blocked
//
// Contract: a pure function of what was seen at that moment; it knows no log, no probe and no life, and blames nobody.
// What was not read is nowhere in a View: of a container into which nobody looked, and of a frozen one, in which all
// stands still, it shows nothing. Seconds are lower bounds.
package inside

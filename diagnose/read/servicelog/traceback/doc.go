// Package traceback reads what Python and those who log for it print of an exception, line by line, and says which
// exception of a chain counts:
//
//	Traceback (most recent call last):
//	  File "/srv/app/apps.py", line 8, in lifespan
//	    raise RuntimeError('cannot reach redis at redis:6379')
//	RuntimeError: cannot reach redis at redis:6379
//	=> Exception{Type: "RuntimeError", Message: "cannot reach redis at redis:6379",
//	             Frames: [{/srv/app/apps.py 8 lifespan}]}
//
// A [Reader] reads one with its chain, a [Dump] faulthandler's, a [LogBlock] the block that logging prints about its
// own failure, [FromObjects] structlog's list.
//
// Contract: whoever has recognised the first line offers each further one until the block says that it is over; a line
// of another thread may stand within (Foreign). Whatever is offered, what is kept is bounded, and texts are excerpts.
// What an exception means is not asked here.
package traceback

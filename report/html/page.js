// Comfort only: the page says everything without this script.
"use strict";
const said = document.getElementById("said");
for (const box of document.querySelectorAll(".copy")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy: " + box.textContent.trim().split("\n")[0].slice(0, 60));
  button.addEventListener("click", async () => {
    const code = box.querySelector("code");
    let done = false;
    try {
      await navigator.clipboard.writeText(code.textContent);
      done = true;
    } catch {
      getSelection().selectAllChildren(code); // no clipboard here: it is selected at least
    }
    button.textContent = done ? "Copied" : "Selected";
    said.textContent = done ? "Copied" : "Selected; copy it with the keyboard";
    setTimeout(() => { button.textContent = "Copy"; said.textContent = ""; }, 2000);
  });
  box.append(button);
  box.classList.add("has");
}

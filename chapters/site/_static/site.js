// What scrolls sideways can be reached with the keyboard, and says what it is.
window.addEventListener("load", () => {
  for (const box of document.querySelectorAll("article pre, article .output, article .table-wrapper, article div.math")) {
    if (box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", "Scrolls sideways");
    }
  }
});

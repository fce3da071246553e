// What scrolls sideways can be reached with the keyboard, and says what it is. The two side bars have names.
window.addEventListener("load", () => {
  document.querySelector(".sidebar-drawer")?.setAttribute("aria-label", "All pages");
  document.querySelector(".toc-drawer")?.setAttribute("aria-label", "On this page");
  for (const box of document.querySelectorAll("article pre, article .output, article .table-wrapper, article div.math")) {
    if (box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", "Scrolls sideways");
    }
  }
});

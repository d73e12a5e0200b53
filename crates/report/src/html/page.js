"use strict";
(() => {
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  if (!search || !shown) return;
  const rows = Array.from(document.querySelectorAll("#found tbody tr"));
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, at) => {
      row.hidden = !words.every((word) => texts[at].includes(word));
      if (!row.hidden) count += 1;
    });
    shown.textContent = count + " of " + rows.length;
  };
  search.closest("p").hidden = false;
  search.addEventListener("input", filter);
  filter();
})();

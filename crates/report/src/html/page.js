"use strict";
(() => {
  const search = document.getElementById("search");
  const shown = document.getElementById("shown");
  if (!search || !shown) return;
  const rows = Array.from(document.querySelectorAll("#found tbody tr"));
  const since = document.getElementById("since");
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    const kind = since ? since.value : "";
    rows.forEach((row, at) => {
      const fits = kind === "" || row.dataset.since === kind;
      row.hidden = !(fits && words.every((word) => texts[at].includes(word)));
      if (!row.hidden) count += 1;
    });
    shown.textContent = count + " of " + rows.length;
  };
  search.closest("p").hidden = false;
  search.addEventListener("input", filter);
  if (since) since.addEventListener("change", filter);
  filter();
})();

"use strict";
// The day of the map, also as a slider over the days since the first commit: the field stays what is sent.
(function () {
  const field = document.getElementById("at");
  const { first, today } = field.dataset;
  if (!first || first >= today) return;
  const DAY = 86400000;
  const days = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY);
  const dayAt = (number) => new Date(Date.parse(first) + number * DAY).toISOString().slice(0, 10);
  const spoken = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeZone: "UTC" });
  const slider = document.getElementById("day");
  const shown = document.getElementById("day-shown");
  slider.max = days(first, today);
  slider.value = days(first, field.value || today);
  const show = () => {
    shown.value = spoken.format(Date.parse(dayAt(slider.value)));
    slider.setAttribute("aria-valuetext", shown.value);
  };
  slider.addEventListener("input", () => {
    field.value = Number(slider.value) === Number(slider.max) ? "" : dayAt(slider.value);
    show();
  });
  // What was chosen on the map stands in the fragment.
  field.form.addEventListener("submit", () => { field.form.action = field.form.action.split("#")[0] + location.hash; });
  field.addEventListener("change", () => { slider.value = days(first, field.value || today); show(); });
  show();
  slider.closest("p").hidden = false;
})();

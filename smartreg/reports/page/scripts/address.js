// What the reader chose, in the part of the address that no browser sends anywhere: whoever is given the address sees the
// same. "#figure-B2&commune=13047&f.status=active&map=43.51,4.99,13": a place of the page first, if one was gone to.
const PLAIN = ["search", "commune", "kind"]; // other filters bear the name of a field, after "f."
const spoken = lang; // without a choice of the reader's
let aimed = ""; // the place that was gone to
let writing = null;

function addressKey(name) {
  return PLAIN.includes(name) ? name : "f." + name;
}

function choicesInAddress() {
  const found = new URLSearchParams();
  for (const [name, value] of chosen) if (value) found.set(addressKey(name), value);
  if (map && view !== (countable ? "hosted" : "") && viewBefore === null) found.set("show", view || "records");
  if (colouring !== "kind") found.set("colour", colouring);
  if (map && sight() !== fitted) found.set("map", [map.getCenter().lat.toFixed(4), map.getCenter().lng.toFixed(4), map.getZoom()].join());
  if (lang !== spoken) found.set("lang", lang);
  return found.toString();
}

// A little later, for a map moves in many steps.
function writeAddress() {
  clearTimeout(writing);
  writing = setTimeout(() => {
    const fragment = [aimed, choicesInAddress()].filter(Boolean).join("&");
    const here = location.href.split("#")[0];
    if (here + (fragment && "#" + fragment) !== location.href) history.replaceState(null, "", here + (fragment && "#" + fragment));
  }, 300);
}

function readAddress() {
  const [first, ...rest] = location.hash.slice(1).split("&");
  const place = first.includes("=") ? "" : first;
  return [place, new URLSearchParams((place ? rest : [first, ...rest]).join("&"))];
}

// What of an address this page knows; anything else is as if it were not there.
function applyAddress(found) {
  chosen.clear();
  if (found.get("search")) chosen.set("search", found.get("search"));
  for (const [name, facet] of facets) {
    const value = found.get(addressKey(name));
    if (value !== null && facet.counts.has(value)) chosen.set(name, value);
  }
  if (Object.hasOwn(data.local, found.get("commune"))) chosen.set("commune", found.get("commune"));
  const asked = found.get("show") === "records" ? "" : found.get("show");
  viewBefore = null;
  view = asked !== null && (asked === "" || counted.has(asked)) && countable ? asked : countable ? "hosted" : "";
  colouring = facets.has(found.get("colour")) ? found.get("colour") : "kind";
  if (Object.hasOwn(LOCALES, found.get("lang"))) lang = found.get("lang");
}

function lookAsInAddress(found) {
  const [lat, lng, zoom] = (found.get("map") || "").split(",").map(Number);
  if (!map || ![lat, lng, zoom].every(Number.isFinite) || !found.get("map") || Math.abs(lat) > 90 || Math.abs(lng) > 180) return;
  clearTimeout(moving);
  map.setView([lat, lng], Math.min(20, Math.max(0, zoom)), { animate: false });
}

// The sections were not there when the browser looked for the place.
function goTo(place) {
  const node = place ? document.getElementById(place) : null;
  aimed = node ? place : "";
  if (node) node.scrollIntoView();
}

window.addEventListener("hashchange", () => {
  const [place, found] = readAddress();
  if ([...found].length) {
    applyAddress(found);
    draw();
    lookAsInAddress(found);
    goTo(place);
  } else aimed = document.getElementById(place) ? place : "";
  writeAddress();
});

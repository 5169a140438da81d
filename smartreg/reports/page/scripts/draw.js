// Elements from texts. What comes from records becomes text nodes and values of a few attributes, never markup.
const WIDE = "(min-width: 52rem)"; // a screen that is not a phone's
const SVG = "http://www.w3.org/2000/svg";
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

// Control and bidirectional characters as \uXXXX: they would hide what stands there.
function inert(text) {
  return String(text).replace(HIDDEN, (sign) => "\\u" + sign.charCodeAt(0).toString(16).padStart(4, "0"));
}

function put(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(inert(child)));
  }
  return node;
}

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else node.setAttribute(name, value === true ? "" : inert(value));
  }
  return put(node, children);
}

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, inert(value));
  return put(node, children);
}

// A drawing that a screen reader hears as its label: it would also read what the drawing holds (Firefox).
function picture(label, { width, height, ...attributes }, parts) {
  const told = { role: "img", "aria-label": label, viewBox: `0 0 ${width} ${height}`, width, height };
  return svg("svg", { ...attributes, ...told }, svg("g", { "aria-hidden": "true" }, parts));
}

function fill(node, ...children) {
  node.replaceChildren();
  return put(node, children);
}

function section(name, ...children) {
  const node = document.getElementById(name);
  return fill(node, el("h2", { id: name + "-title" }, say(name)), ...children);
}

// A link to the web, and to nothing else: any other text stays text.
function linked(text) {
  let url = null;
  try {
    url = new URL(text);
  } catch (error) {
    return inert(text);
  }
  const web = url.protocol === "https:" || url.protocol === "http:";
  return web ? el("a", { href: url.href, rel: "noopener noreferrer" }, text) : inert(text);
}

function button(text, act, attributes) {
  return el("button", { type: "button", on: { click: act }, ...attributes }, text);
}

// What is wider than its place scrolls by itself, also by keyboard, and says so (`hintScrolls`).
function scrolling(label, node) {
  return el("div", { class: "scroll", "data-label": label, "data-hint": say("swipe") }, node);
}

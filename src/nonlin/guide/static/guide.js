const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const one = (selector, root = document) => root.querySelector(selector);
const still = matchMedia("(prefers-reduced-motion: reduce)");
const clamp = (v, low, high) => Math.max(low, Math.min(high, v));
const shown = (v) => {
  if (!Number.isFinite(v)) return Number.isNaN(v) ? "undefined" : v > 0 ? "∞" : "−∞";
  const text = v !== 0 && Math.abs(v) < 1e-3 ? v.toExponential(1) : v.toFixed(3);
  return text.replace("-", "−");
};
const svgNode = (tag, style, parent) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  node.setAttribute("class", style);
  return parent.appendChild(node);
};
const set = (node, values) => Object.entries(values).forEach(([key, value]) => node.setAttribute(key, value));

// A clock that a button starts and stops, and that rests while its figure is out of sight.
function animation(button, figure, words, frame, ended = () => {}) {
  let playing = false, visible = false, at = 0, before = 0;
  const tick = (now) => {
    if (!playing || !visible) { before = 0; return; }
    at += before ? now - before : 0;
    before = now;
    if (frame(at) === false) { toggle(false); at = 0; ended(); return; }
    requestAnimationFrame(tick);
  };
  const toggle = (on) => {
    if (on === playing) return;
    playing = on;
    before = 0;
    button.textContent = words[on ? 1 : 0];
    figure.dataset.playing = on;
    if (on && visible) requestAnimationFrame(tick);
  };
  button.textContent = words[0];
  button.addEventListener("click", () => { visible = true; toggle(!playing); });
  still.addEventListener("change", () => still.matches && toggle(false));
  let seen = false;
  new IntersectionObserver(([entry]) => {
    const was = visible;
    visible = entry.isIntersecting;
    if (visible && !seen && !still.matches) { seen = true; toggle(true); }
    if (visible && !was && playing) { before = 0; requestAnimationFrame(tick); }
  }, { threshold: 0.5 }).observe(figure);
  return toggle;
}

// The runs of a curve between its jumps: a step that bisection cannot shrink is a jump.
function runs(g, x0, x1, tall) {
  const steps = 240, pieces = [[]];
  let px = x0, py = g(x0);
  pieces[0].push([px, py]);
  for (let i = 1; i <= steps; i++) {
    const x = x0 + (x1 - x0) * i / steps, y = g(x);
    if (Math.abs(y - py) > tall * 0.02) {
      let a = px, fa = py, b = x, fb = y;
      for (let k = 0; k < 40; k++) {
        const m = (a + b) / 2, fm = g(m);
        if (Math.abs(fm - fa) > Math.abs(fb - fm)) { b = m; fb = fm; } else { a = m; fa = fm; }
      }
      if (Math.abs(fb - fa) > 0.5 * Math.abs(y - py)) {
        pieces.at(-1).push([a, fa]);
        pieces.push([[b, fb]]);
      }
    }
    pieces.at(-1).push([x, y]);
    px = x;
    py = y;
  }
  return pieces;
}

function curve(svg, stage) {
  const own = FORMULAS[svg.dataset.name], p = { ...own.about.p };
  const [x0, x1, y0, y1] = svg.dataset.domain.split(" ").map(Number);
  const [left, top, right, bottom] = svg.dataset.box.split(" ").map(Number);
  const X = (x) => left + (x - x0) / (x1 - x0) * (right - left);
  const Y = (y) => bottom - (y - y0) / (y1 - y0) * (bottom - top);
  const far = (y) => clamp(Y(y), -2000, 3000).toFixed(2);
  const d = (g) => runs(g, x0, x1, y1 - y0).map((run) =>
    "M" + run.filter(([, y]) => Number.isFinite(y)).map(([x, y]) => `${X(x).toFixed(2)} ${far(y)}`).join("L")
  ).filter((text) => text.length > 1).join("");
  const f = (x) => own.f(x, p), slope = (x) => own.d(x, p);
  const clipped = one("g[clip-path]", svg), read = one(".read", stage), pin = one("[data-do=pin]", stage);
  const lines = { f: one(".line.f", svg), d: one(".line.d", svg) };
  const names = { f: one(".name.f", svg), d: one(".name.d", svg) };
  const others = [svgNode("path", "other", clipped), svgNode("path", "other od", clipped)];
  const tangent = svgNode("path", "tangent", clipped), cross = svgNode("path", "cross", clipped);
  const dots = [svgNode("circle", "dot f", clipped), svgNode("circle", "dot d", clipped)];
  const mark = svgNode("circle", "pinned", clipped), note = svgNode("text", "tick", svg);
  const hit = svgNode("rect", "hit", svg);
  let at = null, pinned = null, other = null;

  set(svg, { role: "group" });
  set(note, { x: left + 8, y: top + 10 });
  set(hit, {
    x: left, y: top, width: right - left, height: bottom - top, tabindex: 0, role: "slider",
    "aria-label": `x of ${own.about.title}`, "aria-valuemin": x0, "aria-valuemax": x1, "aria-valuenow": 0,
  });

  const told = (x) => {
    const theirs = other && FORMULAS[other];
    return `x = ${shown(x)}   f(x) = ${shown(f(x))}   f′(x) = ${shown(slope(x))}` + (theirs
      ? `\n${theirs.about.title}: f(x) = ${shown(theirs.f(x, theirs.about.p))}   f′(x) = ${shown(theirs.d(x, theirs.about.p))}` : "");
  };
  const point = () => {
    const visible = at !== null;
    [tangent, cross, ...dots].forEach((node) => set(node, { visibility: visible ? "visible" : "hidden" }));
    set(mark, { visibility: pinned === null ? "hidden" : "visible" });
    const words = [];
    if (pinned !== null) {
      set(mark, { cx: X(pinned), cy: far(f(pinned)), r: 7 });
      words.push(`pinned: ${told(pinned)}`);
    }
    if (visible) {
      const y = f(at), s = slope(at), reach = 1.6 / Math.hypot(1, Number.isFinite(s) ? s : 1);
      set(cross, { d: `M${X(at).toFixed(2)} ${top}V${bottom}` });
      set(dots[0], { cx: X(at), cy: far(y), r: 5 });
      set(dots[1], { cx: X(at), cy: far(s), r: 4 });
      set(tangent, { d: Number.isFinite(s) ? `M${X(at - reach)} ${far(y - s * reach)}L${X(at + reach)} ${far(y + s * reach)}` : "" });
      set(hit, { "aria-valuenow": at.toFixed(3), "aria-valuetext": told(at) });
      if (at !== pinned) words.unshift(told(at));
    }
    if (words.length) read.textContent = words.join("\n");
  };
  const draw = () => {
    set(lines.f, { d: d(f) });
    set(lines.d, { d: d(slope) });
    all(".leader", svg).forEach((node) => node.remove());
    const ends = [["f", Y(f(x1))], ["d", Y(slope(x1))]].sort((a, b) => a[1] - b[1]);
    const [upper, lower] = ends.map(([, y]) => clamp(Number.isFinite(y) ? y : top, top + 4, bottom - 4));
    const apart = Math.max(0, 18 - (lower - upper)) / 2;
    const first = clamp(upper - apart, top + 4, bottom - 22);
    set(names[ends[0][0]], { y: first });
    set(names[ends[1][0]], { y: Math.max(lower + apart, first + 18) });
    const theirs = other && FORMULAS[other];
    set(others[0], { d: theirs ? d((x) => theirs.f(x, theirs.about.p)) : "" });
    set(others[1], { d: theirs ? d((x) => theirs.d(x, theirs.about.p)) : "" });
    note.textContent = theirs ? `thin grey: ${theirs.about.title}` : "";
    point();
  };

  const sweep = animation(one("[data-do=sweep]", stage), stage, ["Move along the curve", "Pause"], (ms) => {
    at = x0 + (x1 - x0) * Math.min(1, ms / 6000);
    point();
    return ms < 6000;
  });
  const move = (event) => {
    const matrix = svg.getScreenCTM().inverse();
    const x = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix).x;
    at = clamp(x0 + (x - left) / (right - left) * (x1 - x0), x0, x1);
    sweep(false);
    point();
  };
  const fix = () => {
    pinned = pinned === null ? at ?? 0 : null;
    set(pin, { "aria-pressed": pinned !== null });
    at ??= pinned;
    point();
  };
  hit.addEventListener("pointermove", move);
  hit.addEventListener("pointerdown", move);
  hit.addEventListener("click", fix);
  hit.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -0.05, ArrowDown: -0.05, ArrowRight: 0.05, ArrowUp: 0.05, PageDown: -1, PageUp: 1 }[event.key];
    if (event.key === "Enter" || event.key === " ") fix();
    else if (by) at = clamp(Math.round(((at ?? 0) + by) * 100) / 100, x0, x1);
    else if (event.key === "Home") at = x0;
    else if (event.key === "End") at = x1;
    else return;
    event.preventDefault();
    sweep(false);
    point();
  });
  hit.addEventListener("focus", () => { at ??= 0; point(); });
  pin.addEventListener("click", fix);
  one("[data-do=compare]", stage)?.addEventListener("change", (event) => { other = event.target.value || null; draw(); });
  sliders(stage, (input) => { p[input.dataset.parameter] = Number(input.value); draw(); });
  point();
}

function sliders(stage, changed) {
  const inputs = all("input[type=range]", stage);
  const moved = (input) => { one(`output[for="${CSS.escape(input.id)}"]`, stage).textContent = String(Number(input.value)).replace("-", "−"); changed(input); };
  inputs.forEach((input) => input.addEventListener("input", () => moved(input)));
  one("[data-do=reset]", stage)?.addEventListener("click", () => inputs.forEach((input) => { input.value = input.dataset.default; moved(input); }));
}

function rowwise(svg, stage) {
  const own = FORMULAS[svg.dataset.name], p = { ...own.about.p };
  const inputs = svg.dataset.inputs.split(" ").map(Number);
  const [low, high] = svg.dataset.domain.split(" ").map(Number), [start, end] = svg.dataset.box.split(" ").map(Number);
  const X = (v) => clamp(start + (v - low) / (high - low) * (end - start), start, end);
  const bars = all(".out", svg), words = all(".out-text", svg);
  let temperature = 1;
  sliders(stage, (input) => {
    if (input.dataset.parameter) p[input.dataset.parameter] = Number(input.value);
    else temperature = Number(input.value);
    own.f(inputs.map((v) => v / temperature), p).forEach((v, i) => {
      set(bars[i], { x: Math.min(X(0), X(v)), width: Math.abs(X(v) - X(0)) });
      set(words[i], { x: X(Math.max(v, 0)) + 6 });
      words[i].textContent = v.toFixed(3).replace("-", "−");
    });
  });
}

function purpose(svg) {
  const steps = JSON.parse(svg.dataset.steps), input = one("#purpose-units"), name = one(".name.with", svg), line = one("#purpose-line");
  const ring = one("#purpose-ring"), straight = Number(one(".name.without", svg).getAttribute("y"));
  const moved = () => {
    const [d, x, y, error] = steps[input.value - 1];
    set(line, { d });
    set(ring, { cx: x, cy: y });
    const end = Number(d.split(" ").at(-1));
    all(".leader", svg).forEach((node) => node.remove());
    set(name, { y: Math.abs(end - straight) < 18 ? straight + (end < straight ? -18 : 18) : end });
    one("output[for=purpose-units]").textContent = input.value;
    one("#purpose-read").textContent = `${input.value} ${input.value === "1" ? "unit" : "units"}: error ${error}`;
  };
  input.addEventListener("input", moved);
  moved();
}

// The disc grows from one measured share to the next as it passes; between layers it shrinks geometrically.
function travel(svg) {
  const figure = svg.closest("figure"), from = Number(svg.dataset.from), xs = svg.dataset.xs.split(" ").map(Number);
  const stops = [from, ...[...xs].reverse()], time = 7000, rest = 1800;
  const journeys = all(".journey", svg).map((group) => {
    const shares = group.dataset.shares.split(" ").map(Number).reverse(), bulbs = all(".bulb", group).reverse();
    const pulse = svgNode("circle", `pulse ${bulbs[0].getAttribute("class").split(" ")[1]}`, group);
    set(pulse, { cy: group.dataset.y, r: 0 });
    return { levels: [shares[0], ...shares], bulbs, pulse };
  });
  const frame = (ms) => {
    const way = Math.min(1, (ms % (time + rest)) / time), x = from + (xs[0] - from) * way;
    let i = stops.findIndex((stop) => stop < x) - 1;
    if (i < 0) i = stops.length - 2;
    const share = clamp((stops[i] - x) / (stops[i] - stops[i + 1]), 0, 1);
    journeys.forEach(({ levels, bulbs, pulse }) => {
      const level = levels[i] > 0 && levels[i + 1] > 0 ? levels[i] ** (1 - share) * levels[i + 1] ** share : 0;
      set(pulse, { cx: x, r: way < 1 ? Math.min(22, 14 * Math.sqrt(level)) : 0 });
      bulbs.forEach((bulb, k) => set(bulb, { opacity: stops[k + 1] >= x - 0.01 ? 1 : 0.12 }));
    });
  };
  animation(one("[data-do=travel]", figure), figure, ["Play", "Pause"], frame);
}

function sortable(table) {
  const body = one("tbody", table), heads = all("thead th", table);
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[column].dataset.value ?? (column ? null : row.cells[0].textContent);
      const order = (a, b) => {
        const [u, v] = [key(a), key(b)];
        if (u === null || v === null) return (u === null) - (v === null);
        return (down ? -1 : 1) * (column ? u - v : u.localeCompare(v));
      };
      body.append(...[...body.rows].sort(order));
    });
  });
  one("#filter")?.addEventListener("input", (event) => {
    const part = event.target.value.trim().toLowerCase();
    [...body.rows].forEach((row) => { row.hidden = !row.cells[0].textContent.toLowerCase().includes(part); });
  });
}

function copying(button) {
  const code = one("pre", button.parentElement);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  });
}

function theme(button) {
  const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
  const now = () => root.dataset.theme ?? (dark.matches ? "dark" : "light");
  const say = () => { button.textContent = now() === "dark" ? "Light" : "Dark"; button.setAttribute("aria-label", `Switch to the ${now() === "dark" ? "light" : "dark"} theme`); };
  // A page opened from disk may have no storage; the choice then lasts until it is closed.
  try { const kept = localStorage.getItem("nonlin-theme"); if (kept) root.dataset.theme = kept; } catch { /* not kept */ }
  button.addEventListener("click", () => {
    root.dataset.theme = now() === "dark" ? "light" : "dark";
    try { localStorage.setItem("nonlin-theme", root.dataset.theme); } catch { /* not kept */ }
    say();
  });
  dark.addEventListener("change", say);
  say();
}

function contents(nav) {
  const links = new Map(all("a", nav).map((link) => [link.hash.slice(1), link]));
  const watch = new IntersectionObserver((entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
    links.forEach((link) => link.removeAttribute("aria-current"));
    links.get(entry.target.id).setAttribute("aria-current", "true");
  }), { rootMargin: "-20% 0px -70% 0px" });
  links.forEach((_, id) => { const target = document.getElementById(id); if (target) watch.observe(target); });
  if (innerWidth < 1120) one("details", nav).open = false;
}

document.documentElement.classList.add("js");
theme(one("[data-do=theme]"));
contents(one(".toc"));
all(".stage").forEach((stage) => { const svg = one("svg[data-name]", stage); (FORMULAS[svg.dataset.name].about.kind === "pointwise" ? curve : rowwise)(svg, stage); });
purpose(one("#plot-purpose"));
all(".travel").forEach(travel);
sortable(one("#compared"));
all("[data-do=copy]").forEach(copying);

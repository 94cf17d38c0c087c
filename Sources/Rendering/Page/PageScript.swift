/// The script of all pages: it sorts, filters, and tells the value under the pointer. Nothing is lost without it.
enum PageScript {
    static let text: StaticString = #"""
        "use strict";
        (() => {
        const tip = document.createElement("output");
        tip.id = "tip";
        tip.setAttribute("aria-live", "polite");
        document.body.append(tip);
        const say = (words, x, y) => {
          tip.textContent = words;
          if (!words) return;
          const box = tip.getBoundingClientRect();
          tip.style.left = Math.max(4, Math.min(x + 12, innerWidth - box.width - 4)) + "px";
          tip.style.top = (y + 16 + box.height < innerHeight ? y + 16 : Math.max(4, y - box.height - 10)) + "px";
        };
        const three = v => v < 9.995 ? v.toFixed(2) : v < 99.95 ? v.toFixed(1) : Math.round(v).toLocaleString("en");
        const time = ns => {
          for (const [size, unit] of [[1e9, "s"], [1e6, "ms"], [1e3, "µs"]])
            if (ns >= size * 0.9995) return three(ns / size) + " " + unit;
          return Math.round(ns) + " ns";
        };
        const lowest = s => s < 4 ? s : (4 + (s & 3)) * 2 ** ((s >> 2) - 1);
        const when = (column, width) => {
          column = Math.max(column, 0);
          const digits = Math.max(0, Math.ceil(-Math.log10(width / 1e9)));
          return "+" + (column * width / 1e9).toFixed(Math.min(digits, 9)) + " s";
        };

        // The cells of a heat map, read from its paths when they are first asked for.
        const maps = new WeakMap();
        const cells = svg => {
          if (maps.has(svg)) return maps.get(svg);
          const found = new Map();
          for (const path of svg.querySelectorAll("path[data-c]")) {
            const [low, high] = path.dataset.c.split("-").map(Number);
            const exact = path.dataset.n ? path.dataset.n.split(" ") : null;
            let x = 0, y = 0, next = 0;
            for (const [, what, one, two] of path.getAttribute("d").matchAll(/([Mmh])(-?[\d.]+)(?:[ ]?(-?[\d.]+))?/g)) {
              if (what === "M") [x, y] = [Number(one), Math.floor(Number(two))];
              else if (what === "m") [x, y] = [x + Number(one), y + Number(two)];
              else for (let n = Number(one); n > 0; n--, x++)
                found.set(x + "," + y, exact ? [low + parseInt(exact[next++], 36)] : low === high ? [low] : [low, high]);
            }
          }
          maps.set(svg, found);
          return found;
        };
        const cursor = document.createElement("i");
        cursor.className = "cursor";
        const point = (svg, column, row) => {
          const view = svg.viewBox.baseVal, frame = svg.parentElement;
          frame.append(cursor);
          const part = v => v * 100 + "%";
          cursor.style.cssText = `left:${part((column - view.x) / view.width)};top:${part(row / view.height)};width:${part(1 / view.width)};height:${part(1 / view.height)}`;
          const count = cells(svg).get(column + "," + row), step = svg.dataset.s - 1 - row, width = Number(svg.dataset.w);
          const range = time(lowest(step)) + " to " + time(lowest(step + 1));
          const many = count ? count.map(n => n.toLocaleString("en")).join(" to ") : "no";
          const place = cursor.getBoundingClientRect();
          say(`${many} ${svg.dataset.u}\n${range}\nat ${when(column - view.x, width)}`, place.right, place.bottom);
        };
        const lane = (svg, column) => {
          const view = svg.viewBox.baseVal, at = svg.createSVGPoint();
          svg.parentElement.append(cursor);
          cursor.style.cssText = `left:${(column - view.x) / view.width * 100}%;top:0;width:${100 / view.width}%;height:100%`;
          const parts = [...svg.querySelectorAll("path[data-k]")].reverse();
          const height = path => {
            let x = 0, y = 100, top = 100;
            for (const [, what, one, two] of path.getAttribute("d").matchAll(/([Mhv])(-?\d+)(?: (\d+))?/g)) {
              if (what === "M") [x, y] = [Number(one), Number(two)];
              else if (what === "v") y += Number(one);
              else { if (column >= x && column < x + Number(one)) top = y; x += Number(one); }
            }
            return 100 - top;
          };
          let below = 0;
          const lines = parts.map(path => {
            const all = height(path), own = all - below;
            below = all;
            return path.dataset.k + " " + (own * svg.dataset.r).toFixed(own * svg.dataset.r < 10 ? 1 : 0) + "%";
          });
          const place = cursor.getBoundingClientRect();
          say(lines.join("\n") + "\nat " + when(column - view.x, Number(svg.dataset.w)), place.right, place.bottom - 20);
        };
        const leave = () => { cursor.remove(); say(""); };
        for (const svg of document.querySelectorAll("svg.map, svg.cpu")) {
          const isMap = svg.classList.contains("map"), view = svg.viewBox.baseVal;
          let at = [0, Math.floor(view.height / 2)];
          const show = () => {
            at = [Math.max(0, Math.min(at[0], Math.ceil(view.x + view.width) - 1)), Math.max(0, Math.min(at[1], view.height - 1))];
            if (isMap) point(svg, at[0], at[1]); else lane(svg, at[0]);
          };
          const follow = event => {
            const box = svg.getBoundingClientRect();
            at = [Math.floor(view.x + (event.clientX - box.left) / box.width * view.width),
              Math.floor((event.clientY - box.top) / box.height * view.height)];
            show();
          };
          svg.addEventListener("pointermove", follow);
          svg.addEventListener("pointerdown", follow);
          svg.addEventListener("pointerleave", leave);
          svg.addEventListener("blur", leave);
          svg.addEventListener("keydown", event => {
            const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
            if (event.key === "Escape") return leave();
            if (!by) return;
            event.preventDefault();
            at = [at[0] + by[0] * (event.shiftKey ? 10 : 1), at[1] + by[1]];
            show();
          });
        }
        for (const box of document.querySelectorAll(".box, .storm")) {
          const words = box.dataset.t || box.title || box.textContent;
          box.removeAttribute("title");
          const show = event => say(words, event.clientX, event.clientY);
          box.addEventListener("pointermove", show);
          box.addEventListener("pointerdown", show);
          box.addEventListener("pointerleave", leave);
        }

        // Tables: heads are buttons that sort, and one field filters all rows.
        const sizes = { ns: 1, "µs": 1e3, ms: 1e6, s: 1e9, k: 1e3, M: 1e6, G: 1e9 };
        const value = text => {
          const found = /^([+−-]?[\d,]*\.?\d+)\s*(ns|µs|ms|s|k|M|G)?(?![A-Za-z])/.exec(text.replace(/^[<x]/, ""));
          return found ? Number(found[1].replaceAll(",", "").replace("−", "-")) * (sizes[found[2]] ?? 1) : null;
        };
        for (const table of document.querySelectorAll("table")) {
          const body = table.tBodies[0];
          for (const head of table.tHead.querySelectorAll("th:not(.dist)")) {
            if (!head.textContent) continue;
            const button = document.createElement("button"), column = head.cellIndex, isText = head.classList.contains("l");
            button.type = "button";
            button.append(...head.childNodes);
            head.append(button);
            button.addEventListener("click", () => {
              const isUp = head.ariaSort ? head.ariaSort === "descending" : isText;
              for (const other of table.tHead.querySelectorAll("th")) other.removeAttribute("aria-sort");
              head.ariaSort = isUp ? "ascending" : "descending";
              const rows = [...body.rows].map(row => {
                const text = row.cells[column].textContent;
                return [row, isText ? text : value(text)];
              });
              rows.sort(([, a], [, b]) => a === null ? (b === null ? 0 : 1) : b === null ? -1
                : (isText ? a.localeCompare(b, "en", { numeric: true }) : a - b) * (isUp ? 1 : -1));
              body.append(...rows.map(([row]) => row));
            });
          }
        }
        const section = document.getElementById("rows");
        if (section && document.querySelector("tr[id]")) {
          const label = document.createElement("label"), input = document.createElement("input"), count = document.createElement("output");
          label.className = "find-box";
          input.type = "search";
          label.append("Rows with", input, count);
          section.after(label);
          input.addEventListener("input", () => {
            const wanted = input.value.toLowerCase();
            let shown = 0;
            for (const row of document.querySelectorAll("tr[id]")) {
              row.hidden = wanted !== "" && ![...row.cells].some(cell => cell.className === "l" && cell.textContent.toLowerCase().includes(wanted));
              if (!row.hidden) shown++;
            }
            count.textContent = wanted ? shown + " rows" : "";
          });
        }
        })();

        """#
}

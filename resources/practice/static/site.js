"use strict";

const find = (id) => document.getElementById(id);

async function send(address, data) {
  await fetch(address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) });
}

function row(cells, numbers) {
  const line = document.createElement("tr");
  cells.forEach((text, place) => {
    const cell = line.insertCell();
    cell.textContent = text;
    if (numbers.includes(place)) cell.className = "number";
  });
  return line;
}

function slowPage() {
  const load = find("load");
  load.addEventListener("click", async () => {
    load.disabled = true;
    find("report").hidden = true;
    find("busy").hidden = false;
    try {
      const answer = await fetch(load.dataset.report);
      if (!answer.ok) throw new Error(answer.status);
      const { rows } = await answer.json();
      find("report").tBodies[0].replaceChildren(...rows.map((cells) => row(cells, [2])));
      find("report").hidden = false;
    } catch {
      find("report").hidden = true;
    }
    find("busy").hidden = true;
    load.disabled = false;
  });
  const late = find("late");
  setTimeout(() => { late.disabled = false; }, 1000 * Number(late.dataset.after));
  late.addEventListener("click", () => { find("accepted").textContent = "Accepted."; });
}

function longTable() {
  const body = find("products").tBodies[0];
  const more = find("more");
  let loading = false;
  async function load() {
    if (loading) return;
    loading = true;
    try {
      const answer = await fetch(`/scroll/rows?from=${body.rows.length}&count=25`);
      if (!answer.ok) throw new Error(answer.status);
      const { total, rows } = await answer.json();
      body.append(...rows.map((cells) => row(cells, [2, 3])));
      find("shown").textContent = `${body.rows.length} of ${total} shown.`;
      if (body.rows.length >= total) {
        watch.disconnect();
        more.textContent = "That is all.";
      } else {
        watch.unobserve(more);
        watch.observe(more);
      }
    } catch {
      more.textContent = "Loading failed. Scroll again.";
    }
    loading = false;
  }
  const watch = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && load(), { root: find("window") });
  watch.observe(more);
}

function dialogPage() {
  function note(dialog, answer) {
    find("answer").textContent = `${dialog}: ${answer}`;
    send("/dialogs", { dialog, answer });
  }
  find("alert").addEventListener("click", () => { alert("The stock is low."); note("alert", "closed"); });
  find("confirm").addEventListener("click", () => note("confirm", confirm("Order more lamps?") ? "yes" : "no"));
  find("prompt").addEventListener("click", () => {
    const text = prompt("How many lamps?", "10");
    note("prompt", text === null ? "cancelled" : text);
  });
  find("modal").addEventListener("click", () => find("ask").showModal());
  find("ask").addEventListener("close", () => note("dialog", find("ask").returnValue || "closed"));
  find("tab").addEventListener("click", () => note("tab", "opened"));
  find("window").addEventListener("click", () => {
    window.open("/dialogs/tab", "more", "width=480,height=320");
    note("window", "opened");
  });
}

function dragPage() {
  const lanes = [...document.querySelectorAll(".lane")];
  let held = null;
  function move(parcel, lane) {
    lane.append(parcel);
    find("moved").textContent = `${parcel.dataset.card} is now in: ${lane.dataset.lane}.`;
    send("/drag", { card: parcel.dataset.card, to: lane.dataset.lane });
  }
  for (const parcel of document.querySelectorAll(".parcel")) {
    parcel.addEventListener("dragstart", (event) => {
      held = parcel;
      event.dataTransfer.setData("text/plain", parcel.dataset.card);
      event.dataTransfer.effectAllowed = "move";
    });
    parcel.addEventListener("dragend", () => { held = null; lanes.forEach((lane) => lane.classList.remove("over")); });
    parcel.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const lane = step && lanes[lanes.indexOf(parcel.parentElement) + step];
      if (!lane) return;
      event.preventDefault();
      move(parcel, lane);
      parcel.focus();
    });
  }
  for (const lane of lanes) {
    lane.addEventListener("dragover", (event) => { if (held) { event.preventDefault(); lane.classList.add("over"); } });
    lane.addEventListener("dragleave", () => lane.classList.remove("over"));
    lane.addEventListener("drop", (event) => {
      event.preventDefault();
      lane.classList.remove("over");
      if (held && held.parentElement !== lane) move(held, lane);
    });
  }
}

if (find("load")) slowPage();
if (find("products")) longTable();
if (find("ask")) dialogPage();
if (document.querySelector(".lane")) dragPage();

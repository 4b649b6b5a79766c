// What arrives is shown as text, by textContent alone: nothing here reads HTML.
"use strict";

const $ = (id) => document.getElementById(id);
const element = (name, text, className) => {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
};

/** Exchanges by id, oldest first; as many as the program keeps. */
const exchanges = new Map();
/** Ids of those that were not even read. */
const refused = new Set();
const commands = new Set();
let hello = { run: "", keep: 500, forwards: false, replays: false };
let selected = null;

// The list.

const time = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23",
});

const matches = (exchange) => {
  const [command, room, search] = ["command", "room", "search"].map((id) => $(id).value.trim());
  return (!command || exchange.command === command)
    && (!room || (exchange.room ?? "").includes(room))
    && (!search || exchange.text.includes(search.toLowerCase()));
};

const answer = (exchange) => {
  const { status, millis, late, failure } = exchange.answer;
  const cell = element("td", `${status} in ${millis} ms${late ? ", late" : ""}`, status === 200 && !late ? "good" : "bad");
  if (failure) cell.title = failure;
  return cell;
};

const said = (service) =>
  [service.status ?? "no status", `in ${service.millis} ms${service.late ? ", late" : ""}`, service.decision, service.problem]
    .filter(Boolean).join(", ").replace(", in", " in");

/** Without what most commands begin with. */
const short = ({ command, method, path }) => command?.replace(/^[A-Z][A-Za-z]*\.Callback(?=.)/, "") ?? `${method} ${path}`;

const row = (exchange) => {
  const made = document.createElement("tr");
  made.dataset.id = exchange.id;
  made.tabIndex = 0;
  const command = element("td", short(exchange), exchange.drift.length ? "drifted" : "");
  command.title = exchange.command ?? "";
  if (exchange.drift.length) {
    command.append(` +${exchange.drift.length}`);
    command.title += `\nundocumented: ${exchange.drift.join("; ")}`;
  }
  const service = exchange.service;
  made.append(
    element("td", time.format(exchange.at)),
    command,
    element("td", exchange.room ?? ""),
    element("td", exchange.operator ?? ""),
    answer(exchange),
    element("td", service ? said(service) : "", service && !service.problem && !service.late ? "good" : "bad"),
  );
  made.addEventListener("click", () => show(exchange.id));
  made.addEventListener("keydown", (event) => { if (event.key === "Enter") show(exchange.id); });
  return made;
};

const count = () => {
  const shown = $("rows").querySelectorAll("tr:not([hidden])").length;
  $("count").textContent = `${shown} of ${exchanges.size}`;
  $("empty").hidden = exchanges.size > 0;
};

const filter = () => {
  for (const made of $("rows").children) made.hidden = !matches(exchanges.get(Number(made.dataset.id)));
  count();
};

const remove = (id) => {
  exchanges.delete(id);
  refused.delete(id);
  document.querySelector(`#rows tr[data-id="${id}"]`).remove();
};

/** All that is in it, without the names of its fields. */
const texts = (value) =>
  value === null ? [] : typeof value === "object" ? Object.values(value).flatMap(texts) : [String(value)];

const add = (exchange) => {
  if (exchanges.has(exchange.id)) return;
  exchange.text = texts(exchange).join("\n").toLowerCase();
  exchanges.set(exchange.id, exchange);
  if (exchange.packet === null) refused.add(exchange.id);
  // What strangers call it is no choice of the filter.
  if (exchange.command && exchange.packet !== null && !commands.has(exchange.command) && commands.size < 200) {
    commands.add(exchange.command);
    $("command").append(new Option(exchange.command, exchange.command));
  }
  const made = row(exchange);
  made.hidden = !matches(exchange);
  $("rows").prepend(made);
  // As the program does it: who was refused pushes out only others who were.
  while (refused.size > Math.max(1, Math.floor(hello.keep / 4))) remove(refused.values().next().value);
  while (exchanges.size > hello.keep) remove(exchanges.keys().next().value);
  count();
};

// One of them.

/** Indents JSON without reading its numbers: each of their digits counts. */
const indented = (json) => {
  let [text, depth] = ["", 0];
  const line = () => "\n" + "  ".repeat(Math.min(depth, 40));
  const tokens = json.match(/"(?:[^"\\]|\\[^])*"?|[{}[\],:]|[^\s{}[\],:"]+/g) ?? [];
  tokens.forEach((token, at) => {
    const [before, after] = [tokens[at - 1], tokens[at + 1]];
    if (token === "{" || token === "[") {
      depth += 1;
      text += token + (after === "}" || after === "]" ? "" : line());
    } else if (token === "}" || token === "]") {
      depth = Math.max(0, depth - 1);
      text += (before === "{" || before === "[" ? "" : line()) + token;
    } else {
      text += token === "," ? token + line() : token === ":" ? ": " : token;
    }
  });
  return text;
};

const show = (id) => {
  const exchange = exchanges.get(id);
  if (!exchange) return;
  selected = id;
  for (const made of $("rows").children) made.classList.toggle("selected", Number(made.dataset.id) === id);
  $("title").textContent = exchange.command ?? `${exchange.method} ${exchange.path}`;
  const facts = [
    ["request", `${exchange.method} ${exchange.path}`],
    ["query", exchange.query],
    ["undocumented", exchange.drift.join("\n")],
    ["failure", exchange.answer.failure],
    ["answer", `${exchange.answer.status} in ${exchange.answer.millis} ms\n${exchange.answer.packet}`],
    ["service", exchange.service && `${said(exchange.service)}\n${exchange.service.packet}`],
  ];
  const shown = facts.filter(([, text]) => text).flatMap(([name, text]) => [element("dt", name), element("dd", text)]);
  $("facts").replaceChildren(...shown);
  $("packet").textContent = exchange.packet === null ? "was not read" : indented(exchange.packet);
  $("replayed").textContent = hello.replays ? "" : "start with --forward to replay";
  $("replay").disabled = !hello.replays || exchange.packet === null;
  $("details").hidden = false;
};

const send = (method, path, body) =>
  fetch(path, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

$("replay").addEventListener("click", async () => {
  const id = selected;
  const tell = (text) => { if (selected === id) $("replayed").textContent = text; };
  tell("replaying");
  try {
    const response = await send("POST", "-/replay", { id });
    tell(response.ok ? `the service says: ${said(await response.json())}` : await response.text());
  } catch {
    tell("the program is gone");
  }
});

// Answers.

const fields = { gift: ["gift-choice", "gift-delay"], message: ["message-choice", "message-delay"] };

const choose = async () => {
  const chosen = Object.fromEntries(Object.entries(fields).map(([what, [choice, delay]]) =>
    [what, { choice: $(choice).value, delay: Math.round(Number($(delay).value)) }]));
  try {
    const response = await send("PUT", "-/answers", chosen);
    $("answers-problem").textContent = response.ok ? "" : await response.text();
  } catch {
    $("answers-problem").textContent = "the program is gone";
  }
};

const chosen = (answers) => {
  for (const [what, [choice, delay]] of Object.entries(fields)) {
    $(choice).value = answers[what].choice;
    $(delay).value = answers[what].delay;
  }
};

for (const id of Object.values(fields).flat()) $(id).addEventListener("change", choose);
for (const id of ["room", "search"]) $(id).addEventListener("input", filter);
$("command").addEventListener("change", filter);
$("filter").addEventListener("submit", (event) => event.preventDefault());

// Events.

const events = new EventSource("-/events");
events.addEventListener("open", () => {
  $("connection").textContent = "live";
  $("connection").className = "live";
});
events.addEventListener("error", () => {
  const closed = events.readyState === EventSource.CLOSED;
  $("connection").textContent = closed ? "closed: too many pages are open, or the password is wrong" : "connecting";
  $("connection").className = "";
});
events.addEventListener("hello", (event) => {
  const before = hello.run;
  hello = JSON.parse(event.data);
  for (const option of document.querySelectorAll("option[value=service]")) option.hidden = option.disabled = !hello.forwards;
  if (before && before !== hello.run) {
    exchanges.clear();
    refused.clear();
    $("rows").replaceChildren();
    $("details").hidden = true;
    count();
  }
});
events.addEventListener("answers", (event) => chosen(JSON.parse(event.data)));
events.addEventListener("exchange", (event) => add(JSON.parse(event.data)));

// What users write is shown as text, by textContent alone: nothing here reads HTML.
// Nothing that a moderator may be about to click moves by itself.
"use strict";

const $ = (id) => document.getElementById(id);
const element = (name, text, className) => {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
};

/** Milliseconds between two looks at the numbers. */
const INTERVAL = 2000;
/** Messages that are loaded at a time. */
const PAGE_SIZE = 50;

/** The room that is shown: its application and id, the ContentIds that were loaded, how many were pending then, where older ones are. */
let room = null;
let key = "";
/** Goes up when a key is entered or forgotten: answers to what was asked before count no more. */
let session = 0;
/** Goes up before and after each change of a toggle: what was read meanwhile may be what was before. */
let changes = 0;

// The server.

class Denied extends Error {}
class Outdated extends Error {}

const ask = async (path, body) => {
  const [headers, asked] = [{}, session];
  if (key) headers["X-Api-Key"] = key;
  if (body) headers["Content-Type"] = "application/json";
  let response, answer;
  try {
    response = await fetch(path, {
      method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(10_000),
    });
    answer = await response.json();
  } catch {
    answer = { ErrorInfo: response ? `status ${response.status}` : "server not reached" };
  }
  if (asked !== session) throw new Outdated();
  if (response?.status === 401) throw new Denied();
  if (!response?.ok || answer.ErrorInfo) throw new Error(answer.ErrorInfo ?? `status ${response.status}`);
  return answer;
};

const connected = (text, live) => {
  $("connection").textContent = text;
  $("connection").className = live ? "live" : "";
};

const say = (text, call, bad) => {
  $("said").textContent = text;
  $("said").className = bad ? "bad" : "";
  $("call").textContent = call ? JSON.stringify(call, null, 2) : "";
  $("call").hidden = !call;
};

const failed = (error, doing) => {
  if (error instanceof Outdated) return;
  if (error instanceof Denied) {
    leave("The server says: this key is missing or wrong.");
  } else if (doing) {
    say(`${doing}: ${error.message}.`, null, true);
  } else {
    connected(error.message, false);
  }
};

// The key.

const open = (given) => {
  key = given;
  session += 1;
  $("login-problem").textContent = "";
  poll();
};

const leave = (problem) => {
  [key, room] = ["", null];
  session += 1;
  sessionStorage.removeItem("key");
  $("key").value = "";
  for (const id of ["rows", "rooms", "app"]) $(id).replaceChildren();
  say("");
  show(false);
  connected("no key", false);
  $("login-problem").textContent = problem;
  $("key").focus();
};

const show = (isOpen) => {
  $("login").hidden = isOpen;
  for (const id of ["work", "numbers", "global-label", "leave"]) $(id).hidden = !isOpen;
  $("room").hidden = !room;
};

$("login").addEventListener("submit", (event) => {
  event.preventDefault();
  const given = $("key").value.trim();
  // No header can have another.
  if (/^[\x21-\x7e]*$/.test(given)) open(given);
  else leave("This key has characters that no key has.");
});
$("leave").addEventListener("click", () => leave(""));

// The numbers.

const poll = async () => {
  const polled = session;
  await update();
  if (polled === session) setTimeout(() => polled === session && poll(), INTERVAL);
};

const update = async () => {
  try {
    await refresh();
    connected("live", true);
  } catch (error) {
    failed(error);
    // Before anything was shown, this is the place where it is seen.
    if (!$("login").hidden && error.message) $("login-problem").textContent = `Not opened: ${error.message}.`;
  }
};

const refresh = async () => {
  const [wanted, before] = [room, changes];
  const which = wanted && { SdkAppId: wanted.app, Receiver: wanted.id };
  // By itself, so that a wrong key is tried once.
  const stats = await ask("moderation/stats");
  const [rooms, toggle, newest] = await Promise.all([
    ask("moderation/rooms"),
    which && ask(`moderation/toggle?${new URLSearchParams(which)}`),
    which && ask("moderation/list", { ...which, PageSize: 1 }),
  ]);
  sessionStorage.setItem("key", key);
  $("pending").textContent = stats.totalPending;
  $("total").textContent = stats.totalAll;
  if (before === changes) $("global").checked = stats.toggleEnabled;
  list(rooms);
  show(true);
  if (!wanted || wanted !== room) return;
  if (before === changes) $("toggle").value = String(toggle.RoomEnabled);
  $("count").textContent = newest.TotalCount;
  // What another instance stores may be listed behind the newest.
  const isNew = newest.TotalCount > wanted.total || newest.Data.some(({ ContentId }) => !wanted.known.has(ContentId));
  if (isNew && $("rows").children.length === 0) {
    await load();
  } else {
    $("load").textContent = isNew ? "Newer messages have come: load them" : "Load again";
  }
};

const list = ({ SdkAppIds, Data }) => {
  if ($("app").options.length !== SdkAppIds.length) {
    $("app").replaceChildren(...SdkAppIds.map((app) => new Option(app, app)));
    $("app").parentElement.hidden = SdkAppIds.length === 1;
  }
  // In the same order, they stay what they are: one of them may have been half clicked.
  const name = ({ SdkAppId, Receiver }) => JSON.stringify([SdkAppId, Receiver]);
  const made = [...$("rooms").children];
  if (made.length !== Data.length || !Data.every((one, at) => made[at].dataset.name === name(one))) {
    $("rooms").replaceChildren(...Data.map(({ SdkAppId, Receiver }) => {
      const [item, button] = [document.createElement("li"), document.createElement("button")];
      item.dataset.name = name({ SdkAppId, Receiver });
      button.type = "button";
      button.title = `${Receiver} of ${SdkAppId}`;
      button.append(element("span", Receiver, "name"), element("b", ""));
      button.addEventListener("click", () => enter(SdkAppId, Receiver));
      item.append(button);
      return item;
    }));
  }
  Data.forEach(({ SdkAppId, Receiver, TotalCount }, at) => {
    const button = $("rooms").children[at].firstElementChild;
    button.lastElementChild.textContent = TotalCount;
    button.setAttribute("aria-current", room?.app === String(SdkAppId) && room.id === Receiver);
  });
  $("no-rooms").hidden = Data.length > 0;
};

// The messages of a room.

const enter = (app, id) => {
  room = { app: String(app), id, known: new Set(), total: 0, cursor: null };
  $("title").textContent = id;
  $("title").title = `of ${app}`;
  $("rows").replaceChildren();
  // Not known before the first answer.
  $("count").textContent = "";
  $("toggle").value = "";
  for (const unknown of ["empty", "older"]) $(unknown).hidden = true;
  $("room").hidden = false;
  reload();
};

const load = async (cursor) => {
  const wanted = room;
  const asked = { SdkAppId: wanted.app, Receiver: wanted.id, PageSize: PAGE_SIZE, Cursor: cursor };
  const { TotalCount, Data, NextCursor } = await ask("moderation/list", asked);
  if (wanted !== room) return;
  if (!cursor) {
    wanted.total = TotalCount;
    wanted.known.clear();
    $("rows").replaceChildren();
  }
  for (const record of Data.filter(({ ContentId }) => !wanted.known.has(ContentId))) {
    wanted.known.add(record.ContentId);
    $("rows").append(row(wanted, record));
  }
  wanted.cursor = NextCursor;
  $("older").hidden = !NextCursor;
  $("empty").hidden = $("rows").children.length > 0;
};

const reload = async (cursor) => {
  try {
    await load(cursor);
  } catch (error) {
    failed(error, "Not loaded");
  }
  await update();
};

const row = (wanted, record) => {
  const [made, message, act] = ["tr", "td", "td"].map((name) => document.createElement(name));
  const kinds = record.MsgTypes.filter((kind) => kind !== "TIMTextElem");
  message.className = "message";
  message.append(element("div", record.Content));
  if (kinds.length) message.append(element("span", kinds.join(", "), "kinds"));
  act.className = "act";
  const [approve, remove] = ["Approve", "Delete"].map((text) => element("button", text));
  if (!record.Content) {
    approve.disabled = true;
    approve.title = "Without a text, there is nothing to send again.";
  }
  const buttons = [approve, remove];
  for (const button of buttons) {
    button.type = "button";
    button.addEventListener("click", () => close(wanted, record, act, button === approve));
  }
  act.append(...buttons);
  made.append(element("td", record.Time, "time"), element("td", record.From_Account, "from"), message, act);
  return made;
};

/** Takes a message off the list. It stays in its place here, so that a second click hits no other. */
const close = async (wanted, record, act, isApproved) => {
  const buttons = [...act.children];
  act.replaceChildren("…");
  try {
    const gone = await ask("moderation/delete", { SdkAppId: wanted.app, ContentIds: [record.ContentId] });
    act.parentElement.className = "closed";
    if (gone.DeletedCount === 0) {
      act.textContent = "gone before";
      say("This message was not pending any more: somebody else was faster.");
    } else if (isApproved) {
      act.textContent = "approved";
      say("Let go: taken off the list, and not sent, which is not this server's part. TUILiveKit Manager would have sent it "
        + "again by posting this to send_group_msg:", repetition(wanted, record));
    } else {
      act.textContent = "deleted";
      say(`Deleted: the message of ${record.From_Account}.`);
    }
  } catch (error) {
    act.replaceChildren(...buttons);
    failed(error, isApproved ? "Not approved" : "Not deleted");
  }
  await update();
};

/** What TUILiveKit Manager sends when a message is approved. */
const repetition = (wanted, record) => ({
  GroupId: wanted.id,
  From_Account: record.From_Account,
  Random: random(record.ContentId),
  MsgPriority: "Normal",
  SendMsgControl: ["NoMsgCheck"],
  ForbidCallbackControl: ["ForbidBeforeSendMsgCallback"],
  MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: record.Content } }],
});

const random = (id) => {
  let hash = 0;
  for (let at = 0; at < id.length; at += 1) hash = ((hash << 5) - hash + id.charCodeAt(at)) | 0;
  return Math.abs(hash);
};

$("find").addEventListener("submit", (event) => {
  event.preventDefault();
  enter($("app").value, $("wanted").value.trim());
});
$("load").addEventListener("click", () => reload());
$("older").addEventListener("click", () => reload(room.cursor));

// The toggles.

const toggle = async (set, what) => {
  changes += 1;
  try {
    await ask("moderation/toggle", set);
    say(what);
  } catch (error) {
    failed(error, "Not changed");
  }
  changes += 1;
  await update();
};

$("global").addEventListener("change", () => {
  const Enabled = $("global").checked;
  toggle({ Enabled }, `Moderation is ${Enabled ? "on" : "off"}, but for rooms with a toggle of their own.`);
});
$("toggle").addEventListener("change", () => {
  const Enabled = JSON.parse($("toggle").value);
  const how = { null: "as everywhere", true: "on", false: "off" }[Enabled];
  toggle({ SdkAppId: room.app, Receiver: room.id, Enabled }, `Moderation of ${room.id} is ${how}.`);
});

const kept = sessionStorage.getItem("key");
if (kept !== null) open(kept);
else $("key").focus();

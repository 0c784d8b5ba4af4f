// The playground: a form, and what its values are in the bytes of four systems. The page's address has all of it.

import { marshal } from "wasi-sockets/marshal";
import wasm from "../../build/marshal.wasm";
import { valueOf } from "./fields.js";
import { Machine } from "./machine.js";
import { hashOf, stateOf, type State } from "./state.js";
import type { Subject, SubjectOf, Values } from "./subject.js";
import { addressSubject } from "./subjects/address.js";
import { flagsSubject } from "./subjects/flags.js";
import { hintsSubject } from "./subjects/hints.js";
import { messageSubject } from "./subjects/message.js";
import { optionSubject } from "./subjects/option.js";
import { systems, titleOf, type System } from "./systems.js";
import { Column, type ColourOf } from "./view/column.js";
import { element, set } from "./view/element.js";
import { Form } from "./view/form.js";

const subjectsOf: readonly SubjectOf[] = [
  addressSubject,
  optionSubject,
  flagsSubject,
  messageSubject,
  hintsSubject,
];

/** How many colours style.css has for fields. */
const COLOURS = 8;

function byId(id: string): HTMLElement {
  return document.getElementById(id)!;
}

/** Fields of one role have one colour, wherever they stand. */
const roles: readonly (readonly [RegExp, number])[] = [
  [/_len$|cmsg_len/, 0],
  [/_family$|_level$/, 1],
  [/_port$|_type$|_socktype$/, 2],
  [/_addr$|sun_path|^int$|^type$|^events$|l_linger|tv_sec|milliseconds/, 3],
  [/flowinfo|_flags$|tv_usec|l_onoff/, 4],
  [/scope_id|_protocol$/, 5],
  [/_addrlen$/, 6],
  [/_canonname$/, 7],
  [/_next$|_name$/, 5],
  [/_namelen$/, 0],
  [/_iov$|iov_base/, 2],
  [/_iovlen$|iov_len/, 6],
  [/_control$/, 7],
  [/_controllen$/, 1],
  [/^descriptors$|^number$/, 3],
  [/spec_dst/, 4],
  [/ifindex/, 5],
];

const colourOf: ColourOf = (field) => {
  if (field === "padding" || field === "beyond" || field.endsWith("_zero")) return "idle";
  const own = roles.find(([names]) => names.test(field))?.[1];
  return `c${(own ?? field.length) % COLOURS}`;
};

function start(machine: Machine): void {
  const subjects: readonly Subject[] = subjectsOf.map((make) => make(machine));
  let state: State = stateOf(location.hash, subjects);
  const say = byId("said");

  const form = new Form(byId("inputs"), byId("problem"), (name, value) => {
    change({ ...state, values: { ...state.values, [name]: value }, edit: null });
  });

  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
  });

  const columns = systems.map((system) => {
    const column = new Column(system, {
      onBytes(bytes) {
        write(system, bytes);
      },
      onUndo() {
        change({ ...state, edit: null });
        say.textContent = `${system.title} has the form's bytes again.`;
      },
      onLook(field) {
        for (const node of document.querySelectorAll("[data-field]")) {
          node.classList.toggle("lit", field !== null && node.getAttribute("data-field") === field);
        }
      },
    });
    return { system, column };
  });
  byId("columns").replaceChildren(...columns.map(({ column }) => column.node));

  const links = subjects.map((subject) => {
    const hash = hashOf({ subject, values: subject.defaults, edit: null });
    return { subject, link: element("a", { href: hash }, subject.title) };
  });
  byId("subjects").replaceChildren(...links.map(({ link }) => element("li", {}, link)));

  const copy = byId("copy");
  copy.addEventListener("click", () => {
    const done = () => {
      say.textContent = "The link is copied.";
      copy.textContent = "Copied";
    };
    navigator.clipboard.writeText(location.href).then(done, () => {
      say.textContent = "Copy the address of this page: it has all that is shown.";
    });
  });
  copy.addEventListener("blur", () => {
    copy.textContent = "Copy link";
  });

  const follow = () => {
    state = stateOf(location.hash, subjects);
    show();
  };
  window.addEventListener("hashchange", follow);
  // A link within the page is followed at once; one that is to be opened elsewhere is the browser's.
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null;
    if (link === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, "", link.getAttribute("href"));
    follow();
  });

  function change(next: State): void {
    state = next;
    history.replaceState(null, "", hashOf(state));
    show();
  }

  /** Somebody wrote bytes: what they say goes into the form, and where the form has no such values they stay alone. */
  function write(system: System, bytes: Uint8Array): void {
    const { subject } = state;
    const found = subject.decode(state.values, system.name, bytes);
    const values: Values = { ...state.values, ...found };
    const again = encoded(subject, values, system);
    const same = again !== null && again.length === bytes.length && again.every((byte, i) => byte === bytes[i]); // prettier-ignore
    change({ subject, values, edit: same ? null : { system: system.name, bytes } });
    say.textContent = `${system.title}: ${subject.describe(values, system.name, bytes)}`;
  }

  function encoded(subject: Subject, values: Values, system: System): Uint8Array | null {
    try {
      const made = subject.encode(values, system.name);
      return "absent" in made ? null : made.bytes;
    } catch {
      return null;
    }
  }

  function problem(): string | null {
    try {
      state.subject.encode(state.values, "linux");
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  function show(): void {
    const { subject, values, edit } = state;
    const wrong = problem();
    for (const { subject: other, link } of links) {
      set(link, { "aria-current": other === subject && "page" });
    }
    showExamples(subject);
    form.show(subject.inputs(values), values, wrong);
    byId("columns").classList.toggle("stale", wrong !== null);
    if (wrong !== null && edit === null) return; // what was right last stays to be seen
    const linux = edit?.system === "linux" ? edit.bytes : encoded(subject, values, systems[0]!);
    for (const { system, column } of columns) {
      const written = edit?.system === system.name ? edit.bytes : null;
      if (written === null && wrong !== null) continue;
      const made = wrong === null ? subject.encode(values, system.name) : null;
      if (written === null && made !== null && "absent" in made) {
        column.absent(made.absent);
        continue;
      }
      const title = made !== null && "title" in made ? made.title : titleOf(system.name);
      const bytes = written ?? (made as { bytes: Uint8Array }).bytes;
      const fields = subject.fields(values, system.name, bytes);
      column.show(
        {
          title,
          bytes,
          fields,
          values: fields.map((field) => {
            const { at, size } = field;
            return valueOf(field, bytes.subarray(at, at + size), machine, system.name);
          }),
          summary: subject.describe(values, system.name, bytes),
          edited: written !== null,
          linux: system.name === "linux" ? null : linux,
        },
        colourOf,
      );
    }
  }

  let exampled: Subject | undefined;
  function showExamples(subject: Subject): void {
    if (exampled === subject) return;
    exampled = subject;
    byId("examples").replaceChildren(
      ...Object.entries(subject.examples).map(([title, values]) => {
        const all = { ...subject.defaults, ...values };
        const href = hashOf({ subject, values: all, edit: null });
        return element("li", {}, element("a", { href }, title));
      }),
    );
  }

  show();
  document.body.classList.add("ready");
}

void marshal(wasm).then((found) => {
  start(new Machine(found));
});

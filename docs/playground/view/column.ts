// A system's column: its bytes in rows of eight, each of which can be written over, and the fields that they are.

import { typeOf, type Field } from "../fields.js";
import { hex } from "../numbers.js";
import type { System } from "../systems.js";
import { element, set, write } from "./element.js";

/** Bytes in a row. */
const ROW = 8;

/** What a column shows. */
export interface Shown {
  /** The struct that it is, or an argument. */
  readonly title: string;
  readonly bytes: Uint8Array;
  readonly fields: readonly Field[];
  /** What each field's bytes mean. */
  readonly values: readonly string[];
  /** What all of them mean. */
  readonly summary: string;
  /** Whether somebody wrote these bytes, and the form's values have others. */
  readonly edited: boolean;
  /** The bytes of Linux, to be compared with; null in its own column, or where it has none. */
  readonly linux: Uint8Array | null;
}

export interface ColumnEvents {
  /** Somebody wrote other bytes. */
  onBytes(bytes: Uint8Array): void;
  /** Somebody gave up what had been written. */
  onUndo(): void;
  /** Somebody looks at a field, or at none. */
  onLook(field: string | null): void;
}

/** What is between a field's name and its colour. */
export type ColourOf = (field: string) => string;

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? "" : "s"}`;
}

export class Column {
  readonly node: HTMLElement;
  readonly #system: System;
  readonly #events: ColumnEvents;
  readonly #title = element("p", { class: "struct" });
  readonly #size = element("p", { class: "size" });
  readonly #summary = element("p", { class: "summary" });
  readonly #grid = element("div", { class: "bytes", role: "grid" });
  readonly #fields = element("tbody");
  readonly #table: HTMLElement;
  readonly #compared = element("p", { class: "compared" });
  readonly #absent = element("p", { class: "absent" });
  readonly #undo = element("button", { type: "button", class: "undo" }, "Undo");
  #inputs: HTMLInputElement[] = [];
  #bytes = new Uint8Array(0);
  #shape = "";
  /** The byte that the Tab key comes to. */
  #current = 0;

  constructor(system: System, events: ColumnEvents) {
    this.#system = system;
    this.#events = events;
    const heading = element("h2", { id: `title-${system.name}` }, system.title);
    this.#table = element(
      "table",
      { "aria-label": `Fields on ${system.title}` },
      element(
        "thead",
        { class: "unseen" },
        element(
          "tr",
          {},
          element("th", { scope: "col" }, "Field"),
          element("th", { scope: "col" }, "Value"),
        ),
      ),
      this.#fields,
    );
    this.#undo.addEventListener("click", () => {
      events.onUndo();
      this.#inputs[this.#current]?.focus();
    });
    this.node = element(
      "section",
      { class: "column", "aria-labelledby": `title-${system.name}`, id: system.name },
      element("header", {}, heading, this.#size, this.#title),
      this.#absent,
      this.#grid,
      this.#summary,
      this.#table,
      element("footer", {}, this.#compared, this.#undo),
    );
  }

  /** Shows why there are no bytes. */
  absent(why: string): void {
    this.#shape = "";
    this.#inputs = [];
    this.#grid.replaceChildren();
    this.#fields.replaceChildren();
    for (const part of [this.#title, this.#size, this.#summary, this.#compared]) write(part, "");
    write(this.#absent, why);
    this.#hide(true);
  }

  show(shown: Shown, colourOf: ColourOf): void {
    this.#bytes = shown.bytes.slice();
    this.#hide(false);
    write(this.#absent, "");
    write(this.#title, shown.title);
    write(this.#size, count(shown.bytes.length, "byte"));
    write(this.#summary, shown.summary);
    write(this.#compared, this.#comparison(shown));
    this.#undo.hidden = !shown.edited;
    this.node.classList.toggle("edited", shown.edited);
    const shape = JSON.stringify(shown.fields);
    if (shape !== this.#shape) {
      this.#shape = shape;
      this.#build(shown, colourOf);
    }
    this.#write(shown);
  }

  #hide(absent: boolean): void {
    for (const part of [this.#grid, this.#table, this.#undo]) part.hidden = absent;
    this.#absent.hidden = !absent;
    this.node.classList.toggle("lacking", absent);
  }

  #comparison({ linux, bytes, edited }: Shown): string {
    const said = edited ? "Edited: the form has other bytes. " : "";
    if (linux === null) return said.trim();
    let differing = Math.abs(bytes.length - linux.length);
    for (let i = 0; i < Math.min(bytes.length, linux.length); i++) {
      if (bytes[i] !== linux[i]) differing++;
    }
    if (differing === 0) return `${said}Byte for byte as on Linux.`;
    return `${said}${count(differing, "byte")} unlike Linux.`;
  }

  /** Makes the elements of bytes and fields. */
  #build({ fields, bytes, title }: Shown, colourOf: ColourOf): void {
    const { name, title: system } = this.#system;
    const focused = this.#inputs.findIndex((input) => input === document.activeElement);
    this.#current = Math.min(this.#current, Math.max(0, bytes.length - 1));
    this.#inputs = [];
    const rows: HTMLElement[] = [];
    set(this.#grid, { "aria-label": `${title} on ${system}` });
    for (const field of fields) {
      for (let at = field.at; at < field.at + field.size; at++) {
        const place = at === field.at ? "first" : "";
        const last = at === field.at + field.size - 1 ? "last" : "";
        const input = element("input", {
          id: `${name}-${at}`,
          class: `byte ${colourOf(field.name)} ${place} ${last}`,
          "data-field": field.name,
          maxlength: "2",
          autocomplete: "off",
          spellcheck: "false",
          autocapitalize: "off",
          tabindex: at === this.#current ? "0" : "-1",
        });
        this.#listen(input, at, field.name);
        this.#inputs[at] = input;
      }
    }
    for (let at = 0; at < bytes.length; at += ROW) {
      const cells = this.#inputs
        .slice(at, at + ROW)
        .map((input) => element("div", { role: "gridcell" }, input));
      const offset = element("span", { class: "offset", "aria-hidden": "true" }, String(at));
      rows.push(element("div", { class: "row", role: "row" }, offset, ...cells));
    }
    this.#grid.replaceChildren(...rows);
    this.#fields.replaceChildren(
      ...fields.map(({ name: field }) => {
        const row = element(
          "tr",
          { "data-field": field },
          element(
            "th",
            { scope: "row" },
            element("span", { class: `swatch ${colourOf(field)}`, "aria-hidden": "true" }),
            element("span", { class: "name" }, field),
            element("span", { class: "type" }, typeOf(field, name)),
          ),
          element("td"),
        );
        row.addEventListener("pointerenter", () => {
          this.#events.onLook(field);
        });
        row.addEventListener("pointerleave", () => {
          this.#events.onLook(null);
        });
        return row;
      }),
    );
    if (focused >= 0) this.#inputs[Math.min(focused, bytes.length - 1)]?.focus();
  }

  #write({ bytes, fields, values, linux }: Shown): void {
    for (const { name, at: start, size } of fields) {
      for (let at = start; at < start + size; at++) {
        const input = this.#inputs[at]!;
        const differs = linux !== null && linux[at] !== bytes[at];
        input.value = hex(bytes.subarray(at, at + 1));
        input.classList.toggle("differs", differs);
        const unlike = differs ? ", unlike Linux" : "";
        set(input, { "aria-label": `byte ${at}, ${name}${unlike}` });
      }
    }
    Array.from(this.#fields.rows).forEach((row, i) => {
      write(row.cells[1]!, values[i]!);
    });
  }

  #listen(input: HTMLInputElement, at: number, field: string): void {
    input.addEventListener("focus", () => {
      set(this.#inputs[this.#current] ?? input, { tabindex: "-1" });
      set(input, { tabindex: "0" });
      this.#current = at;
      input.select();
      this.#events.onLook(field);
    });
    input.addEventListener("blur", () => {
      this.#commit(input, at);
      this.#events.onLook(null);
    });
    input.addEventListener("pointerenter", () => {
      this.#events.onLook(field);
    });
    input.addEventListener("pointerleave", () => {
      this.#events.onLook(null);
    });
    input.addEventListener("input", () => {
      input.value = input.value.replace(/[^0-9a-f]/gi, "").toLowerCase();
      if (input.value.length < 2) return;
      this.#commit(input, at);
      this.#move(at + 1);
    });
    input.addEventListener("keydown", (event) => {
      const to = this.#target(event, at);
      if (to !== null) {
        event.preventDefault();
        this.#move(to);
      } else if (event.key === "Enter") {
        this.#commit(input, at);
        input.select();
      } else if (event.key === "Escape") {
        input.value = hex(this.#bytes.subarray(at, at + 1));
        input.select();
      }
    });
  }

  /** Where a key leads from a byte. */
  #target({ key, ctrlKey }: KeyboardEvent, at: number): number | null {
    const row = at - (at % ROW);
    const last = this.#bytes.length - 1;
    switch (key) {
      case "ArrowLeft":
        return at - 1;
      case "ArrowRight":
        return at + 1;
      case "ArrowUp":
        return at - ROW;
      case "ArrowDown":
        return at + ROW;
      case "Home":
        return ctrlKey ? 0 : row;
      case "End":
        return ctrlKey ? last : Math.min(last, row + ROW - 1);
      default:
        return null;
    }
  }

  #move(to: number): void {
    const input = this.#inputs[to];
    if (input === undefined) return;
    input.focus();
    input.select();
  }

  #commit(input: HTMLInputElement, at: number): void {
    const written = parseInt(input.value, 16);
    if (Number.isNaN(written) || written === this.#bytes[at]) {
      input.value = hex(this.#bytes.subarray(at, at + 1));
      return;
    }
    const bytes = this.#bytes.slice();
    bytes[at] = written;
    this.#events.onBytes(bytes);
  }
}

// The form: a subject's inputs. It is made anew where there are other inputs; else their values are written into it.

import type { Input, Values } from "../subject.js";
import { element, set } from "./element.js";

/** What somebody changed: an input's new value. */
export type OnInput = (name: string, value: string) => void;

interface Made {
  readonly node: HTMLElement;
  /** Writes a value into it, but never under the fingers of who types it. */
  write(value: string): void;
  /** Where an error is told. */
  readonly controls: readonly HTMLElement[];
}

export class Form {
  readonly #root: HTMLElement;
  readonly #problem: HTMLElement;
  readonly #onInput: OnInput;
  #shape = "";
  #made = new Map<string, Made>();

  constructor(root: HTMLElement, problem: HTMLElement, onInput: OnInput) {
    this.#root = root;
    this.#problem = problem;
    this.#onInput = onInput;
  }

  show(inputs: readonly Input[], values: Values, problem: string | null): void {
    const shape = JSON.stringify(inputs);
    if (shape !== this.#shape) {
      const focused = document.activeElement?.id;
      this.#shape = shape;
      this.#made = new Map(inputs.map((input) => [input.name, this.#make(input)]));
      this.#root.replaceChildren(...Array.from(this.#made.values(), ({ node }) => node));
      if (focused !== undefined && focused !== "") document.getElementById(focused)?.focus();
    }
    for (const [name, made] of this.#made) {
      made.write(values[name] ?? "");
      for (const control of made.controls) {
        set(control, { "aria-invalid": problem !== null && "true" });
      }
    }
    this.#problem.textContent = problem ?? "";
  }

  #make(input: Input): Made {
    const id = `input-${input.name}`;
    switch (input.kind) {
      case "text": {
        const control = element("input", {
          id,
          type: "text",
          autocomplete: "off",
          spellcheck: "false",
          autocapitalize: "off",
          inputmode: input.numeric === true ? "numeric" : "text",
          "aria-describedby": "problem",
        });
        control.addEventListener("input", () => {
          this.#onInput(input.name, control.value);
        });
        const size = input.wide === true ? "wide" : input.numeric === true ? "narrow" : "";
        const label = element("label", { for: id }, input.label);
        return {
          node: element("div", { class: `field ${size}` }, label, control),
          controls: [control],
          write(value) {
            if (control.value !== value) control.value = value;
          },
        };
      }
      case "choice": {
        const control = element("select", { id, "aria-describedby": "problem" });
        for (const [label, options] of Object.entries(input.groups)) {
          const made = options.map(({ value, label }) => element("option", { value }, label));
          if (label === "") control.append(...made);
          else control.append(element("optgroup", { label }, ...made));
        }
        control.addEventListener("change", () => {
          this.#onInput(input.name, control.value);
        });
        const label = element("label", { for: id }, input.label);
        return {
          node: element("div", { class: "field" }, label, control),
          controls: [control],
          write(value) {
            control.value = value;
          },
        };
      }
      case "several": {
        const boxes = input.options.map(({ value }) =>
          element("input", { type: "checkbox", id: `${id}-${value}`, value }),
        );
        for (const box of boxes) {
          box.addEventListener("change", () => {
            const chosen = boxes.filter(({ checked }) => checked).map(({ value }) => value);
            this.#onInput(input.name, chosen.join(","));
          });
        }
        const labels = input.options.map(({ label }, i) =>
          element("label", { class: "check" }, boxes[i]!, element("span", {}, label)),
        );
        const legend = element("legend", {}, input.label);
        return {
          node: element("fieldset", {}, legend, element("div", { class: "checks" }, ...labels)),
          controls: [],
          write(value) {
            const chosen = value.split(",");
            for (const box of boxes) box.checked = chosen.includes(box.value);
          },
        };
      }
    }
  }
}

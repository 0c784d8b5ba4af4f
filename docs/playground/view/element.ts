// Elements of the page.

type Attributes = Readonly<Record<string, string | boolean>>;
type Child = Node | string;

/** Makes an element: an attribute that is true stands alone, one that is false not at all. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  set(made, attributes);
  made.append(...children);
  return made;
}

/** Sets attributes, and removes those that are false. */
export function set(target: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false) target.removeAttribute(name);
    else target.setAttribute(name, value === true ? "" : value);
  }
}

/** Writes an element's text, where it is another. */
export function write(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

// SVG, as much of it as bar charts take; readable on light and on dark ground.

type Attributes = Readonly<Record<string, string | number>>;

const STYLE = `text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 14px; font-weight: 600 }
.work { text-anchor: end }
.figure, .source { font-size: 11px }
.source { fill: #59636e }
.ours { fill: #0969da } .c { fill: #8c959f } .node { fill: #1a7f37 } .shim { fill: #bc4c00 }
.one { stroke: #59636e; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .source { fill: #9198a1 } .one { stroke: #9198a1 }
.ours { fill: #4493f8 } .c { fill: #6e7681 } .node { fill: #3fb950 } .shim { fill: #db6d28 }
}`;

function escape(value: string): string {
  return value.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function attributesOf(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => {
      const words = typeof value === "number" ? String(Math.round(value * 10) / 10) : escape(value);
      return ` ${name}="${words}"`;
    })
    .join("");
}

/** An element without content. */
export function element(name: string, attributes: Attributes): string {
  return `<${name}${attributesOf(attributes)}/>\n`;
}

/** A line of text; y is its baseline. */
export function text(content: string, attributes: Attributes): string {
  return `<text${attributesOf(attributes)}>${escape(content)}</text>\n`;
}

/** A document of some size in pixels; its title is for those who do not see it. */
export function svg(width: number, height: number, title: string, body: string): string {
  const size = attributesOf({ viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
  return `<svg xmlns="http://www.w3.org/2000/svg"${size}>
<title>${escape(title)}</title>
<style>${STYLE}</style>
${body}</svg>
`;
}

// The site, and its playground in Debian's Chromium: typed into, compared, written over, shared, and used by keys alone.
// The bytes are those that tests/platform-encodings.test.ts has from the systems' headers.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildDocs, faintTexts, noBrowser, openPage, startBrowser } from "./support/browser.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const PAGE = "playground/index.html";

const SYSTEMS = { Linux: "linux", macOS: "darwin", FreeBSD: "freebsd", Windows: "win32" } as const;
type System = keyof typeof SYSTEMS;

/** The bytes of a system's column, in hexadecimal digits. */
async function bytesOn(page: Page, system: System): Promise<string> {
  const cells = page.getByRole("region", { name: system }).getByRole("gridcell");
  const found = await cells.locator("input").evaluateAll((inputs) => {
    return inputs.map((input) => (input as HTMLInputElement).value);
  });
  return found.join("");
}

/** Those of all systems. */
async function allBytes(page: Page): Promise<Record<string, string>> {
  const found = Object.keys(SYSTEMS).map(
    async (system) => [system, await bytesOn(page, system as System)] as const,
  );
  return Object.fromEntries(await Promise.all(found));
}

/** What a system's column says of a field. */
function field(page: Page, system: System, name: string) {
  const table = page.getByRole("table", { name: `Fields on ${system}` });
  return table.getByRole("row").filter({ has: page.getByText(name, { exact: true }) }).locator("td"); // prettier-ignore
}

const input = (page: Page, label: string) => page.getByLabel(label, { exact: true });
const byte = (page: Page, system: System, at: number) => page.locator(`#${SYSTEMS[system]}-${at}`);

const REST = "01bb0000000020010db800000000000000000000000100000000";

describe.skipIf(noBrowser !== "")(`the playground ${noBrowser}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    await buildDocs();
    browser = await startBrowser();
  }, 180_000);
  afterAll(() => browser.close());

  test("the site has a page of every guide and of every module, each with a link to the playground", () => {
    const read = (path: string) => readFileSync(join(root, path), "utf8");
    const guides = readdirSync(join(root, "docs/guides")).map(
      (name) => /^title: (.*)$/m.exec(read(`docs/guides/${name}`))![1]!,
    );
    const { exports } = JSON.parse(read("package.json")) as {
      exports: Record<string, string | { types: string }>;
    };
    const modules = Object.entries(exports)
      .filter(([, target]) => typeof target === "object" || target.endsWith(".ts"))
      .map(([path]) => `wasi-sockets${path.slice(1)}`);
    expect(guides.length).toBe(6);
    expect(modules.length).toBe(11);
    const pages = [
      ...guides.map((title) => [title, `documents/${title.replaceAll(" ", "_")}.html`] as const),
      ...modules.map((name) => [name, `modules/${name.replaceAll("/", "_")}.html`] as const),
    ];
    for (const [title, path] of pages) {
      const html = read(`build/docs/${path}`);
      expect(html).toContain(`<title>${title} | wasi-sockets`);
      expect(html).toContain('href="../playground/index.html"');
    }
    const net = read("build/docs/interfaces/wasi-sockets.Net.html");
    expect(net).toContain("getsockname(2)");
  });

  test("the pages of the guest library have its functions, by AssemblyScript's types and with their comments", async () => {
    const page = await browser.newPage();
    const path = "build/docs/functions/wasi-sockets_assembly.sendto.html";
    await page.goto(pathToFileURL(join(root, path)).href);
    const signature = page.locator(".tsd-signature").first();
    expect(await signature.innerText()).toMatch(
      /^sendto\(\s*fd: i32,\s*bytes: Uint8Array,\s*flags: i32,\s*address: SocketAddress \| null,\s*\): i32/,
    );
    const text = await page.locator(".tsd-description").first().innerText();
    expect(text).toContain("sendto(2)");
    await page.close();
  });

  test("compares an address on four systems, each field by its name and type", async () => {
    await using page = await openPage(browser, PAGE);
    expect(await allBytes(page)).toEqual({
      Linux: `0a00${REST}`,
      macOS: `1c1e${REST}`,
      FreeBSD: `1c1c${REST}`,
      Windows: `1700${REST}`,
    });
    expect(await field(page, "macOS", "sin6_family").textContent()).toBe("AF_INET6 (30)");
    expect(await field(page, "Windows", "sin6_port").textContent()).toBe("443");
    expect(await field(page, "Linux", "sin6_addr").textContent()).toBe("2001:db8::1");
    await page.getByText("1 byte unlike Linux.").waitFor();
    expect(await page.getByText("2 bytes unlike Linux.").count()).toBe(2);
  });

  test("an address that is typed is encoded, and a wrong one says what would be valid", async () => {
    await using page = await openPage(browser, PAGE);
    await input(page, "Family").selectOption("IPv4");
    await input(page, "Address").fill("192.0.2.1");
    await input(page, "Port").fill("8080");
    expect(await allBytes(page)).toEqual({
      Linux: "02001f90c00002010000000000000000",
      macOS: "10021f90c00002010000000000000000",
      FreeBSD: "10021f90c00002010000000000000000",
      Windows: "02001f90c00002010000000000000000",
    });
    await input(page, "Address").fill("192.0.2");
    expect(await page.getByRole("alert").textContent()).toBe(
      '"192.0.2" is not an IPv4 address such as "127.0.0.1"',
    );
    expect(await input(page, "Address").getAttribute("aria-invalid")).toBe("true");
    await input(page, "Address").fill("192.0.2.9");
    expect(await page.getByRole("alert").textContent()).toBe("");
    expect(await bytesOn(page, "Windows")).toBe("02001f90c00002090000000000000000");
  });

  test("an option has each system's numbers, and a flag that a system lacks is named", async () => {
    await using page = await openPage(browser, PAGE);
    await page.getByRole("link", { name: "Option", exact: true }).click();
    expect(await allBytes(page)).toEqual({
      Linux: "010000001e000000",
      macOS: "010000001e000000",
      FreeBSD: "010000001e000000",
      Windows: "01001e00",
    });
    await page.getByText("SOL_SOCKET 1, SO_LINGER 13").waitFor();
    for (const system of ["FreeBSD", "Windows"]) {
      const column = page.getByRole("region", { name: system });
      expect(await column.getByText("SOL_SOCKET 65535, SO_LINGER 128").count()).toBe(1);
    }
    await page.getByRole("link", { name: "give up after 1.5 seconds" }).click();
    expect(await bytesOn(page, "Linux")).toBe("010000000000000020a1070000000000");
    expect(await bytesOn(page, "Windows")).toBe("dc050000");

    await page.getByRole("link", { name: "Flags", exact: true }).click();
    expect(await bytesOn(page, "FreeBSD")).toBe("01000030");
    await page.getByText("Windows has no SOCK_NONBLOCK and no SOCK_CLOEXEC.").waitFor();
    await page.getByLabel("SOCK_NONBLOCK").uncheck();
    await page.getByLabel("SOCK_CLOEXEC").uncheck();
    expect(await bytesOn(page, "Windows")).toBe("01000000");
  });

  test("hints of getaddrinfo have their fields in each system's order", async () => {
    await using page = await openPage(browser, `${PAGE}#hints?family=INET6&type=DGRAM&protocol=UDP&flags=PASSIVE`); // prettier-ignore
    const rest = "0200000011000000" + "00".repeat(32);
    expect(await allBytes(page)).toEqual({
      Linux: `010000000a000000${rest}`,
      macOS: `010000001e000000${rest}`,
      FreeBSD: `010000001c000000${rest}`,
      Windows: `0100000017000000${rest}`,
    });
    const names = (system: System) =>
      page
        .getByRole("table", { name: `Fields on ${system}` })
        .locator(".name")
        .allTextContents();
    const start = ["ai_flags", "ai_family", "ai_socktype", "ai_protocol", "ai_addrlen"];
    expect(await names("Linux")).toEqual([...start, "padding", "ai_addr", "ai_canonname", "ai_next"]); // prettier-ignore
    expect(await names("macOS")).toEqual([...start, "padding", "ai_canonname", "ai_addr", "ai_next"]); // prettier-ignore
    expect(await names("Windows")).toEqual([...start, "ai_canonname", "ai_addr", "ai_next"]);
  });

  test("a message has its header, its vector and its control data as each system has them", async () => {
    await using page = await openPage(browser, `${PAGE}#message?text=hello&control=rights&descriptors=3,4,5`); // prettier-ignore
    const control = async (system: System, at: number) => (await bytesOn(page, system)).slice(2 * at); // prettier-ignore
    const [three, four, five, none] = ["03000000", "04000000", "05000000", "00000000"];
    // A struct msghdr, 56 or 48 bytes, and a struct iovec, 16.
    expect(await control("Linux", 72)).toBe(`1c00000000000000${"01000000".repeat(2)}${three}${four}${five}${none}`); // prettier-ignore
    expect(await control("macOS", 64)).toBe(`18000000ffff000001000000${three}${four}${five}`);
    expect(await control("FreeBSD", 64)).toBe(`1c000000ffff000001000000${none}${three}${four}${five}${none}`); // prettier-ignore
    await page.getByText("Windows sends no SCM_RIGHTS.").waitFor();
    expect(await field(page, "FreeBSD", "cmsg_level").textContent()).toBe("SOL_SOCKET (65535)");
    expect(await field(page, "macOS", "msg_controllen").textContent()).toBe("24");
    expect(await field(page, "Linux", "iov_len").textContent()).toBe("5");

    await page.getByRole("link", { name: "out of this interface" }).click();
    const info = `fe80${"00".repeat(13)}0102000000`;
    expect(await control("Linux", 72)).toBe(`24000000000000002900000032000000${info}${none}`);
    expect(await control("macOS", 64)).toBe(`20000000290000002e000000${info}`);
    expect(await control("FreeBSD", 64)).toBe(`24000000290000002e000000${none}${info}${none}`);
    // A WSAMSG, 56 bytes, and a WSABUF, whose length is first.
    expect(await control("Windows", 56)).toBe(`0500000000000000003000000000000024000000000000002900000013000000${info}${none}`); // prettier-ignore

    // Another interface, on a system whose header is another.
    await byte(page, "Windows", 104).click();
    await page.keyboard.type("07");
    expect(await input(page, "Interface").inputValue()).toBe("7");
    expect(await field(page, "macOS", "ipi6_ifindex").textContent()).toBe("7");
  });

  test.each([
    ["descriptors=x", 'descriptor "x" is not an integer from 0 to 2147483647'],
    ["control=ttl&number=256", 'hops "256" is not an integer from 0 to 255'],
    ["control=pktinfo&source=::1&interface=0", '"::1" is not an address of AF_INET'],
  ])("a message that is none says what would be valid: %s", async (query, problem) => {
    await using page = await openPage(browser, `${PAGE}#message?${query}`);
    expect(await page.getByRole("alert").textContent()).toBe(problem);
  });

  test("a byte that is written over is decoded, into the form and every other system", async () => {
    await using page = await openPage(browser, PAGE);
    await byte(page, "macOS", 23).click();
    await page.keyboard.type("2a");
    expect(await input(page, "Address").inputValue()).toBe("2001:db8::2a");
    expect(await field(page, "Linux", "sin6_addr").textContent()).toBe("2001:db8::2a");
    expect(await page.getByRole("status").textContent()).toBe("macOS: [2001:db8::2a]:443");
    expect((await bytesOn(page, "Windows")).slice(46, 48)).toBe("2a");

    // From IPv6 to IPv4's family: what is left of the bytes is an address of that one.
    await byte(page, "Linux", 0).click();
    await page.keyboard.type("02");
    expect(await input(page, "Family").inputValue()).toBe("inet");
    expect(await input(page, "Address").inputValue()).toBe("0.0.0.0");
    expect(await bytesOn(page, "macOS")).toBe("100201bb000000000000000000000000");
  });

  test("a byte that no form has is kept in its column, told as what it is, and given up again", async () => {
    await using page = await openPage(browser, PAGE);
    await byte(page, "FreeBSD", 1).click();
    await page.keyboard.type("63");
    expect(await bytesOn(page, "FreeBSD")).toBe(`1c63${REST}`);
    expect(await field(page, "FreeBSD", "sin6_family").textContent()).toBe("99");
    expect(await page.getByRole("status").textContent()).toBe("FreeBSD: no address that Linux has");
    expect(await input(page, "Address").inputValue()).toBe("2001:db8::1");
    expect(await bytesOn(page, "macOS")).toBe(`1c1e${REST}`);
    await page.getByRole("button", { name: "Undo" }).click();
    expect(await bytesOn(page, "FreeBSD")).toBe(`1c1c${REST}`);
    expect(await page.getByRole("button", { name: "Undo" }).count()).toBe(0);
  });

  test("its address has all that is shown, and is copied by a button", async () => {
    await using page = await openPage(browser, PAGE);
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.getByRole("link", { name: "link-local" }).click();
    await input(page, "Port").fill("5354");
    await byte(page, "macOS", 0).click();
    await page.keyboard.type("ff");
    await page.getByRole("button", { name: "Copy link" }).click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).toBe(page.url());

    await using other = await openPage(browser, link);
    expect(await allBytes(other)).toEqual(await allBytes(page));
    expect(await bytesOn(other, "macOS")).toBe(
      "ff1e14ea00000000fe80000000000000000000000000000102000000",
    );
    expect(await input(other, "Port").inputValue()).toBe("5354");
    expect(await input(other, "Scope").inputValue()).toBe("2");
  });

  test.each([
    ["#nothing?family=x", "2001:db8::1"],
    ["#address?family=appletalk&address=192.0.2.1", "192.0.2.1"],
    ["#address?address=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", "<img src=x onerror=alert(1)>"],
    ["#address?linux=zz", "2001:db8::1"],
  ])(
    "an address of the page that says nonsense is shown as far as it can be: %s",
    async (hash, shown) => {
      // prettier-ignore
      await using page = await openPage(browser, PAGE + hash);
      expect(await input(page, "Address").inputValue()).toBe(shown);
      expect(await page.locator("main img").count()).toBe(0);
    },
  );

  test("keys alone do it all, and show where they are", async () => {
    await using page = await openPage(browser, PAGE);
    const seen: string[] = [];
    const focused = () =>
      page.evaluate(() => {
        const at = document.activeElement as HTMLElement;
        const { outlineStyle, outlineWidth } = getComputedStyle(at);
        return { id: at.id, text: at.textContent, outline: `${outlineStyle} ${outlineWidth}` };
      });
    for (let i = 0; i < 40 && seen.at(-1) !== "linux-0"; i++) {
      await page.keyboard.press("Tab");
      const { id, text, outline } = await focused();
      expect(outline).toBe("solid 2px");
      seen.push(id === "" ? text : id);
    }
    expect(seen.slice(0, 10)).toEqual([
      ...["Address", "Option", "Flags", "Message", "Look-up"],
      ...["input-family", "input-address", "input-port", "input-flowinfo", "input-scope"],
    ]);
    expect(seen.at(-1)).toBe("linux-0");

    // Down two rows, to the end of one: the last byte of the address. Escape takes back what is half written.
    for (const key of ["ArrowDown", "ArrowDown", "End"]) await page.keyboard.press(key);
    expect((await focused()).id).toBe("linux-23");
    await page.keyboard.press("7");
    await page.keyboard.press("Escape");
    expect(await byte(page, "Linux", 23).inputValue()).toBe("01");
    await page.keyboard.type("0f");
    expect((await focused()).id).toBe("linux-24");
    expect(await input(page, "Address").inputValue()).toBe("2001:db8::f");

    // One stop for each system's bytes, where they were left.
    await page.keyboard.press("Tab");
    expect((await focused()).id).toBe("darwin-0");
    await page.keyboard.press("Shift+Tab");
    expect((await focused()).id).toBe("linux-24");
  });

  test("a screen reader is told of every byte and every input", async () => {
    await using page = await openPage(browser, PAGE);
    const grid = page.getByRole("grid", { name: "struct sockaddr_in6 on macOS" });
    expect(await grid.getByRole("row").count()).toBe(4);
    expect(await grid.getByRole("gridcell").count()).toBe(28);
    await grid.getByLabel("byte 0, sin6_len, unlike Linux").waitFor();
    await grid.getByLabel("byte 2, sin6_port", { exact: true }).waitFor();
    const nameless = await page.locator("input, select, button").evaluateAll((controls) =>
      controls
        .filter((control) => {
          const { labels } = control as HTMLInputElement;
          return !control.getAttribute("aria-label") && control.textContent === "" && !labels?.length; // prettier-ignore
        })
        .map(({ outerHTML }) => outerHTML),
    );
    expect(nameless).toEqual([]);
    expect(await page.locator("h1").count()).toBe(1);
    expect(await page.locator("html").getAttribute("lang")).toBe("en");
  });

  describe.each(["light", "dark"] as const)("in a %s scheme", (colorScheme) => {
    test.each(["", "#option", "#flags?set=MSG&flags=DONTWAIT", "#hints", "#flags", "#message"])(
      "every text stands out from its ground %s",
      async (hash) => {
        await using page = await openPage(browser, PAGE + hash, { colorScheme });
        const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        const [red] = /\d+/.exec(ground)!;
        expect(Number(red) > 128).toBe(colorScheme === "light");
        expect(await faintTexts(page)).toEqual([]);
      },
    );

    test.each([1360, 800, 390])("nothing is wider than a window of %i", async (width) => {
      await using page = await openPage(browser, PAGE, { colorScheme, width });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(wide).toBe(width);
      const png = await page.screenshot();
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([width, 900]);
    });
  });
});

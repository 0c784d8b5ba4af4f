// Debian's Chromium, without a window.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium, type Browser, type Page } from "playwright-core";
import { expect } from "vitest";
import { npm } from "./npm.js";
import { complete, linux } from "./system.js";

const debian = linux ? "/usr/bin/chromium" : ""; // Wine sees it as well, and cannot start it
const executablePath = [debian, process.env["CHROMIUM"] ?? ""].find((path) => existsSync(path));

/** Why there is no browser here, in parentheses. In CI there must be one. */
export const noBrowser = executablePath === undefined ? "(no chromium here)" : "";
if (noBrowser !== "" && complete) throw new Error("CI must have chromium");

/** Builds the site into build/docs. */
export async function buildDocs(): Promise<void> {
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  await promisify(execFile)(npm[0], [...npm.slice(1), "run", "--silent", "build:docs"], { cwd });
}

/** Starts a browser. */
export function startBrowser(): Promise<Browser> {
  // Chromium has no sandbox for root, and a container's /dev/shm is small.
  const args = ["--no-sandbox", "--disable-dev-shm-usage"];
  return chromium.launch({ executablePath: executablePath!, args, timeout: 20_000 });
}

/** How a page is looked at. */
export interface Look {
  readonly colorScheme?: "light" | "dark";
  readonly width?: number;
}

/** The playground of the built site in a window that reaches no network. What it asks for and complains of is an error. */
export async function openPage(
  browser: Browser,
  path: string,
  { colorScheme = "light", width = 1360 }: Look = {},
): Promise<Page & AsyncDisposable> {
  const viewport = { width, height: 900 };
  const context = await browser.newContext({ colorScheme, viewport, offline: true });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  const site = new URL("../../build/docs/", import.meta.url).href;
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(site) && !url.startsWith("data:")) complaints.push(`asked for ${url}`);
  });
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(new URL(path, site).href);
  await page.waitForSelector("body.ready"); // by which its module is there
  return Object.assign(page, {
    async [Symbol.asyncDispose]() {
      await context.close();
      expect(complaints).toEqual([]);
    },
  });
}

/** The texts of a page that do not stand out from what is behind them: WCAG 2.2 asks for a contrast of 4.5. */
export function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const channels = (colour: string) => Array.from(colour.matchAll(/[\d.]+/g), ([n]) => Number(n));
    const luminance = (colour: string) => {
      const [red, green, blue] = channels(colour).map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      }) as [number, number, number];
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const behind = (element: Element): string => {
      for (let at: Element | null = element; at !== null; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor;
        if (channels(colour)[3] !== 0) return colour;
      }
      return "rgb(255, 255, 255)";
    };
    const faint: string[] = [];
    for (const element of document.querySelectorAll("body *")) {
      const own = Array.from(element.childNodes).some(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent!.trim() !== "",
      );
      if (!own && !(element instanceof HTMLInputElement)) continue;
      const [text, ground] = [getComputedStyle(element).color, behind(element)];
      const [low, high] = [luminance(text), luminance(ground)].sort((a, b) => a - b) as [
        number,
        number,
      ];
      const contrast = (high + 0.05) / (low + 0.05);
      if (contrast < 4.5) {
        faint.push(`${element.tagName} ${element.className}: ${text} on ${ground}`);
      }
    }
    return faint;
  });
}

import { vi } from "vitest";
import { main } from "../../sdk/main.ts";

/** The `sila` command in this process: what it prints, and how it ends. */

export interface Answer {
  readonly status: number;
  readonly out: string;
  readonly errors: string;
}

export async function sila(...words: readonly string[]): Promise<Answer> {
  const printed = { out: "", errors: "" };
  const out = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed.out += String(text);
    return true;
  });
  const errors = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    printed.errors += String(text);
    return true;
  });
  try {
    return { status: await main(words), ...printed };
  } finally {
    out.mockRestore();
    errors.mockRestore();
  }
}

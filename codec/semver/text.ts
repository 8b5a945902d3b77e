import { SemverStatus } from "./status";

/** Characters of versions and ranges, and a place among them. */
export interface SemverText extends Struct<"SemverText"> {
  bytes: Bytes;
  at: u32;
  /** Where what is read now ends at the latest. */
  end: u32;
}

/** 0 at the end. */
export function peek(text: SemverText): u32 {
  return text.at < text.end ? u32(text.bytes[text.at]) : 0;
}

/** Goes behind the next character if it is `character`. */
export function skip(text: SemverText, character: u32): boolean {
  if (peek(text) !== character) return false;
  text.at++;
  return true;
}

/** Goes behind spaces, tabs and ends of lines; false when there are none. */
export function skipSpace(text: SemverText): boolean {
  const start = text.at;
  while (isSpace(peek(text))) text.at++;
  return text.at !== start;
}

function isSpace(character: u32): boolean {
  return character === 0x20 || (character >= 9 && character <= 13);
}

export function isDigit(character: u32): boolean {
  return character >= 0x30 && character <= 0x39;
}

function isIdentifierCharacter(character: u32): boolean {
  const letter = character | 0x20;
  return isDigit(character) || (letter >= 0x61 && letter <= 0x7a) || character === 0x2d;
}

/** Goes behind identifiers with dots between them. Of a prerelease's, numbers have no leading zeros. */
export function skipIdentifiers(text: SemverText, isPrerelease: boolean): SemverStatus {
  do {
    const start = text.at;
    let isNumber = true;
    while (isIdentifierCharacter(peek(text))) {
      if (!isDigit(peek(text))) isNumber = false;
      text.at++;
    }
    if (text.at === start) return SemverStatus.IdentifierExpected;
    if (isPrerelease && isNumber && text.at - start > 1 && u32(text.bytes[start]) === 0x30) {
      text.at = start;
      return SemverStatus.LeadingZero;
    }
  } while (skip(text, 0x2e));
  return SemverStatus.Ok;
}

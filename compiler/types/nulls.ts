/**
 * Null safety. tsc keeps the narrowing of fields, elements and module variables across calls and aliased writes;
 * that of parameters and locals alone is sound, and only while no such value is trusted on its way into one.
 */
import ts from "typescript";
import { isAssignment } from "../nodes.ts";
import type { Type } from "./type.ts";
import type { Typer } from "./typer.ts";

/** Whether tsc has found the parameter or local `e` of declared type `type` not to be null here. */
export function isNarrowed(typer: Typer, e: ts.Identifier, type: Type): boolean {
  if (type.kind !== "pointer" || !type.nullable) return false;
  const { parent } = e;
  return !(isAssignment(parent) && parent.left === e) && !admitsNull(typer, e);
}

/** `e` becomes the value of a local, or is compared with one: tsc's opinion of it becomes its opinion of the local. */
export function checkTrust(typer: Typer, e: ts.Expression): void {
  const type = typer.infer(e);
  if (type.kind === "pointer" && type.nullable && !admitsNull(typer, e)) typer.report(e, "KTS2003", e.getText());
}

function admitsNull(typer: Typer, e: ts.Expression): boolean {
  const type = typer.checker.getTypeAtLocation(e);
  const parts = type.isUnion() ? type.types : [type];
  return parts.some(({ flags }) => (flags & (ts.TypeFlags.Null | ts.TypeFlags.Any)) !== 0);
}

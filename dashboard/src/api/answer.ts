import type { Problem } from "./client";

/** A call that did not bring what was asked for, told in the server's words where it gave any. */
export class Failure extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** What openapi-fetch brings back. */
interface Brought<T> {
  data?: T | undefined;
  error?: unknown;
  response: Response;
}

/** The answer's body, or a thrown `Failure`: also when the network failed or the answer was not ours. */
export async function answer<T>(call: Promise<Brought<T>>): Promise<T> {
  return (await answer_with_headers(call)).body;
}

export async function answer_with_headers<T>(call: Promise<Brought<T>>): Promise<{ body: T; headers: Headers }> {
  let brought: Brought<T>;
  try {
    brought = await call;
  } catch {
    throw new Failure(unreachable());
  }
  if (brought.response.ok) return { body: brought.data as T, headers: brought.response.headers };
  throw new Failure(problem_of(brought.error, brought.response.status));
}

function unreachable(): Problem {
  return {
    type: "urn:clique:problem:unavailable",
    title: "No connection",
    status: 0,
    detail: "The server could not be reached.",
    instance: "",
    code: "unavailable",
    hint: "Check your connection. This page tries again when you come back to it.",
  };
}

/** A problem document as it is, or one made from the status when something in between answered. */
export function problem_of(body: unknown, status: number): Problem {
  const found = body as Partial<Problem> | null | undefined;
  if (found && typeof found === "object" && typeof found.detail === "string" && typeof found.code === "string")
    return found as Problem;
  return {
    type: "about:blank",
    title: "Unexpected answer",
    status,
    detail: `The server answered ${status} without saying why.`,
    instance: "",
    code: status >= 500 ? "unavailable" : "bad_input",
    hint: "Try again; if it stays, tell your operator.",
  };
}

/** The problem of anything thrown. */
export function problem_from(thrown: unknown): Problem {
  if (thrown instanceof Failure) return thrown.problem;
  return { ...problem_of(null, 0), detail: "Something went wrong in this page.", hint: "Reload the page." };
}

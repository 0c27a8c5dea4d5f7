import { expect, test } from "vitest";

import { answer, Failure, problem_of } from "~/api/answer";

const response = (status: number) => new Response(null, { status });

test("a problem document is told in the server's words", async () => {
  const error = { type: "urn:x", title: "x", status: 412, detail: "version 8", instance: "r1", code: "conflict", version: 8, changed: ["week_start"] };
  const failed = answer(Promise.resolve({ error, response: response(412) }));
  await expect(failed).rejects.toBeInstanceOf(Failure);
  await expect(failed).rejects.toMatchObject({ problem: error });
});

test("an answer that is not ours still says what to do", () => {
  expect(problem_of("<html>Bad gateway</html>", 502)).toMatchObject({ status: 502, code: "unavailable" });
  expect(problem_of(undefined, 404)).toMatchObject({ status: 404, code: "bad_input" });
});

test("a broken network is told apart from an answer", async () => {
  await expect(answer(Promise.reject(new TypeError("failed to fetch")))).rejects.toMatchObject({ problem: { status: 0, code: "unavailable" } });
});

test("an answer without a body is not a failure", async () => {
  await expect(answer(Promise.resolve({ response: response(204) }))).resolves.toBeUndefined();
});

import { answer, problem_from } from "~/api/answer";
import { api } from "~/api/client";
import { forget_session } from "~/state/session";
import { toast } from "~/state/toasts";

export async function sign_out(): Promise<void> {
  try {
    await answer(api.POST("/auth/logout"));
  } catch (thrown) {
    const problem = problem_from(thrown);
    // Not signed in any more is what was asked for.
    if (problem.status !== 401) return toast("bad", `You are still signed in: ${problem.detail}`);
  }
  forget_session();
}

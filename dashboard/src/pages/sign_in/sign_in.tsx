import { useEffect, useState } from "preact/hooks";
import { useLocation } from "preact-iso";

import { answer, problem_from } from "~/api/answer";
import { api, type Problem, type Session } from "~/api/client";
import { ConnectForm } from "~/pages/connect_form";
import { Brand } from "~/shell/brand";
import { remember_session } from "~/state/session";
import { Field } from "~/ui/field";
import { ProblemBox } from "~/ui/states";

/** The secret of a one-time link: it stands in the fragment, which browsers never send to a server. */
function secret_of(fragment: string): string | null {
  return /^#once=([A-Za-z0-9_-]{8,128})$/.exec(fragment)?.[1] ?? null;
}

export function SignIn() {
  const { path, route } = useLocation();
  const [email, set_email] = useState("");
  const [password, set_password] = useState("");
  const [busy, set_busy] = useState(false);
  const [problem, set_problem] = useState<Problem | null>(null);

  const enter = async (call: () => Promise<Session>) => {
    set_busy(true);
    set_problem(null);
    try {
      remember_session(await call());
      if (path === "/sign-in") route("/", true);
    } catch (thrown) {
      set_problem(problem_from(thrown));
      set_password("");
    } finally {
      set_busy(false);
    }
  };

  useEffect(() => {
    document.title = "Sign in · Clique";
    const secret = secret_of(location.hash);
    if (!secret) return;
    history.replaceState(null, "", location.pathname);
    void enter(() => answer(api.POST("/auth/once", { body: { secret } })));
  }, []);

  return (
    <main class="sign-in">
      <div class="sign-in-box">
        <Brand />
        <h1>Sign in</h1>
        <p class="note">Your sales, stock and sync, live.</p>
        {problem && <ProblemBox problem={problem} />}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void enter(() => answer(api.POST("/auth/login", { body: { email: email.trim(), password } })));
          }}
        >
          <Field
            label="E-mail"
            control={(wear) => (
              <input {...wear} type="email" name="email" autocomplete="username" required value={email} onInput={(event) => set_email(event.currentTarget.value)} />
            )}
          />
          <Field
            label="Password"
            control={(wear) => (
              <input {...wear} type="password" name="password" autocomplete="current-password" required value={password} onInput={(event) => set_password(event.currentTarget.value)} />
            )}
          />
          <button type="submit" class="button primary wide" disabled={busy}>
            {busy ? "Signing in…" : "Sign in"}
          </button>
        </form>
        <details>
          <summary>New here? Connect your Shopify shop</summary>
          <ConnectForm />
        </details>
      </div>
    </main>
  );
}

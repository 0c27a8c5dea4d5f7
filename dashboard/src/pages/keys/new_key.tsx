import { useState } from "preact/hooks";

import { answer, problem_from } from "~/api/answer";
import { api, type Problem, type Role } from "~/api/client";
import { stores } from "~/state/session";
import { toast } from "~/state/toasts";
import { Dialog } from "~/ui/dialog";
import { Field } from "~/ui/field";
import { Icon } from "~/ui/icon";
import { ProblemBox } from "~/ui/states";

/** Asks for a name and rights, then shows the secret, once. */
export function NewKey({ on_made, on_close }: { on_made: () => void; on_close: () => void }) {
  const [name, set_name] = useState("");
  const [role, set_role] = useState<Role>("viewer");
  const [store, set_store] = useState("");
  const [busy, set_busy] = useState(false);
  const [problem, set_problem] = useState<Problem | null>(null);
  const [secret, set_secret] = useState<string | null>(null);

  const create = async () => {
    set_busy(true);
    set_problem(null);
    try {
      const made = await answer(api.POST("/api/v1/keys", { body: { name: name.trim(), role, store_id: store || null } }));
      set_secret(made.secret);
      on_made();
    } catch (thrown) {
      set_problem(problem_from(thrown));
    } finally {
      set_busy(false);
    }
  };

  if (secret)
    return (
      <Dialog title="Copy the key now" on_close={on_close}>
        <p class="note">It is shown this once. Only its fingerprint is stored.</p>
        <code class="secret">{secret}</code>
        <div class="dialog-actions">
          <button
            type="button"
            class="button"
            onClick={() =>
              navigator.clipboard.writeText(secret).then(
                () => toast("good", "Copied."),
                () => toast("bad", "The browser did not allow copying; select the text instead."),
              )
            }
          >
            <Icon name="copy" />
            Copy
          </button>
          <button type="button" class="button primary" onClick={on_close}>
            I have it
          </button>
        </div>
      </Dialog>
    );

  return (
    <Dialog title="New API key" on_close={on_close}>
      {problem && <ProblemBox problem={problem} />}
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <Field
          label="Name"
          hint="So that you know later who uses it."
          fault={problem?.errors?.["name"]}
          control={(wear) => <input {...wear} type="text" required maxLength={80} autocomplete="off" value={name} onInput={(event) => set_name(event.currentTarget.value)} />}
        />
        <Field
          label="Rights"
          hint="Never more than your own."
          control={(wear) => (
            <select {...wear} value={role} onChange={(event) => set_role(event.currentTarget.value as Role)}>
              <option value="viewer">Viewer: reads</option>
              <option value="analyst">Analyst: also starts jobs</option>
              <option value="owner">Owner: also changes settings</option>
            </select>
          )}
        />
        <Field
          label="Store"
          control={(wear) => (
            <select {...wear} value={store} onChange={(event) => set_store(event.currentTarget.value)}>
              <option value="">All my stores</option>
              {stores.value.map((x) => (
                <option key={x.id} value={x.id}>
                  {x.name || x.shop}
                </option>
              ))}
            </select>
          )}
        />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={on_close}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={busy || !name.trim()}>
            Create key
          </button>
        </div>
      </form>
    </Dialog>
  );
}

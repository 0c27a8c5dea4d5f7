import { useState } from "preact/hooks";

import { answer_with_headers, problem_from } from "~/api/answer";
import { api, type Problem, type Settings } from "~/api/client";
import { use_resource } from "~/state/resource";
import { differing, draft_of, faults_of, merge, settings_of, type Conflict, type Draft, type Field as Name } from "~/state/settings_rules";
import { use_store } from "~/state/store_context";
import { toast } from "~/state/toasts";
import { Page } from "~/ui/page";
import { Loaded, ProblemBox } from "~/ui/states";
import { ConflictDialog } from "./conflict_dialog";
import { SettingsForm } from "./settings_form";

/** Settings with the version that they were read at. */
interface Versioned {
  etag: string;
  settings: Settings;
}

async function read(store: string): Promise<Versioned> {
  const { body, headers } = await answer_with_headers(api.GET("/api/v1/stores/{id}/settings", { params: { path: { id: store } }, cache: "no-store" }));
  return { etag: headers.get("ETag") ?? `"${body.version}"`, settings: body.settings };
}

export function SettingsPage() {
  const { store } = use_store();
  const settings = use_resource<Versioned>(`settings-form/${store.id}`, () => read(store.id));
  return (
    <Page title="Settings" note={`For ${store.name || store.shop}. Whoever has access to this store sees them.`}>
      <Loaded resource={settings} rows={7} tall>
        {(data) => <Editor key={data.etag} base={data} on_saved={settings.replace} />}
      </Loaded>
    </Page>
  );
}

function Editor({ base, on_saved }: { base: Versioned; on_saved: (value: Versioned) => void }) {
  const { store, may_own } = use_store();
  const before = draft_of(base.settings);
  const [draft, set_draft] = useState<Draft>(before);
  const [busy, set_busy] = useState(false);
  const [problem, set_problem] = useState<Problem | null>(null);
  const [meeting, set_meeting] = useState<{ theirs: Versioned; merged: Draft; conflicts: Conflict[] } | null>(null);

  const faults: Partial<Record<Name, string>> = { ...problem?.errors, ...faults_of(draft) };
  const changed = differing(before, draft);

  const save = async (what: Draft, etag: string) => {
    set_busy(true);
    set_problem(null);
    try {
      const { body, headers } = await answer_with_headers(
        api.PUT("/api/v1/stores/{id}/settings", {
          params: { path: { id: store.id }, header: { "If-Match": etag } },
          body: settings_of(what),
        }),
      );
      set_meeting(null);
      on_saved({ etag: headers.get("ETag") ?? `"${body.version}"`, settings: body.settings });
      toast("good", "Settings saved.");
    } catch (thrown) {
      await refused(problem_from(thrown), what);
    } finally {
      set_busy(false);
    }
  };

  /** Somebody else saved meanwhile: show their values beside mine. Anything else is said above the form. */
  const refused = async (why: Problem, what: Draft) => {
    if (why.code !== "conflict") return set_problem(why);
    try {
      const theirs = await read(store.id);
      set_meeting({ theirs, ...merge(before, what, draft_of(theirs.settings)) });
    } catch (thrown) {
      set_problem(problem_from(thrown));
    }
  };

  return (
    <>
      {problem && <ProblemBox problem={problem} />}
      <SettingsForm
        draft={draft}
        faults={faults}
        locked={!may_own}
        on_change={(changes) => {
          set_draft({ ...draft, ...changes });
          if (problem) set_problem(null);
        }}
        on_submit={() => changed.length > 0 && Object.keys(faults).length === 0 && save(draft, base.etag)}
      />
      {changed.length > 0 && (
        <div class="save-bar" role="region" aria-label="Unsaved changes">
          <span>
            {changed.length === 1 ? "1 unsaved change" : `${changed.length} unsaved changes`}
            {Object.keys(faults).length > 0 && <span class="fault"> · correct the marked fields first</span>}
          </span>
          <span class="save-bar-buttons">
            <button type="button" class="button" disabled={busy} onClick={() => set_draft(before)}>
              Discard
            </button>
            <button type="submit" form="settings" class="button primary" disabled={busy || Object.keys(faults).length > 0}>
              {busy ? "Saving…" : "Save"}
            </button>
          </span>
        </div>
      )}
      {meeting && (
        <ConflictDialog
          merged={meeting.merged}
          conflicts={meeting.conflicts}
          theirs={draft_of(meeting.theirs.settings)}
          before={before}
          busy={busy}
          on_save={(what) => save(what, meeting.theirs.etag)}
          on_theirs={() => {
            set_meeting(null);
            on_saved(meeting.theirs);
          }}
          on_close={() => set_meeting(null)}
        />
      )}
    </>
  );
}

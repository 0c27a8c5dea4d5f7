import { useState } from "preact/hooks";

import { answer, problem_from } from "~/api/answer";
import { api, type ApiKey } from "~/api/client";
import { words } from "~/format/number";
import { use_resource } from "~/state/resource";
import { stores } from "~/state/session";
import { use_store } from "~/state/store_context";
import { toast } from "~/state/toasts";
import { Card } from "~/ui/card";
import { DataTable } from "~/ui/data_table";
import { Confirm } from "~/ui/dialog";
import { Icon } from "~/ui/icon";
import { Page } from "~/ui/page";
import { Empty, Loaded } from "~/ui/states";
import { NewKey } from "./new_key";

/** Keys for programs. */
export function Keys() {
  const { moment } = use_store();
  const keys = use_resource("keys", () => answer(api.GET("/api/v1/keys")));
  const [making, make] = useState(false);
  const [doomed, doom] = useState<ApiKey | null>(null);
  const [busy, set_busy] = useState(false);

  const remove = async (key: ApiKey) => {
    set_busy(true);
    try {
      await answer(api.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: key.id } } }));
      toast("good", `Key “${key.name}” is deleted.`);
      doom(null);
      keys.reload();
    } catch (thrown) {
      toast("bad", problem_from(thrown).detail);
    } finally {
      set_busy(false);
    }
  };

  return (
    <Page
      title="API keys"
      note={
        <>
          For programs that read your figures. <a href="/api/v1/openapi.json" target="_blank" rel="noopener">What the API offers</a>
        </>
      }
      tools={
        <button type="button" class="button primary" onClick={() => make(true)}>
          <Icon name="key" />
          New key
        </button>
      }
    >
      <Card title="Your keys" flush>
        <Loaded resource={keys} rows={3}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty icon="key" title="No keys yet.">
                A key acts as you, with at most your own rights, until you delete it.
              </Empty>
            ) : (
              <DataTable
                label="API keys"
                rows={data.items}
                row_key={(x) => x.id}
                columns={[
                  { head: "Name", phone: "title", cell: (x) => x.name },
                  { head: "Rights", cell: (x) => words(x.role) },
                  { head: "Store", cell: (x) => (x.store_id ? (stores.value.find((y) => y.id === x.store_id)?.name ?? x.store_id) : "All my stores") },
                  { head: "Made", phone: "hide", cell: (x) => moment(x.created_at) },
                  { head: "Last used", cell: (x) => (x.last_used_at ? moment(x.last_used_at) : "Never") },
                  {
                    head: "Action",
                    cell: (x) => (
                      <button type="button" class="button small" onClick={() => doom(x)}>
                        Delete<span class="only-read"> key {x.name}</span>
                      </button>
                    ),
                  },
                ]}
              />
            )
          }
        </Loaded>
      </Card>
      {making && <NewKey on_made={keys.reload} on_close={() => make(false)} />}
      {doomed && (
        <Confirm title={`Delete the key “${doomed.name}”?`} yes="Delete" danger busy={busy} on_yes={() => remove(doomed)} on_close={() => doom(null)}>
          Programs that use it stop working at once. This cannot be undone.
        </Confirm>
      )}
    </Page>
  );
}

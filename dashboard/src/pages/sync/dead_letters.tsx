import { useEffect, useState } from "preact/hooks";

import { answer, problem_from } from "~/api/answer";
import { api, type DeadLetter, type Deliveries } from "~/api/client";
import { use_channel } from "~/live/live";
import { use_resource } from "~/state/resource";
import { use_store } from "~/state/store_context";
import { toast } from "~/state/toasts";
import { Card } from "~/ui/card";
import { DataTable } from "~/ui/data_table";
import { Confirm } from "~/ui/dialog";
import { Empty, Loaded } from "~/ui/states";

/** Deliveries that could not be processed: try again after a fix, or discard. */
export function DeadLetters() {
  const { store, moment, may_operate } = use_store();
  const [busy, set_busy] = useState(false);
  const [asked, ask] = useState<DeadLetter | null>(null);
  const letters = use_resource(`dead-letters/${store.id}`, () => answer(api.GET("/api/v1/stores/{id}/dead-letters", { params: { path: { id: store.id } } })));

  // Their number comes live; the list is read again when it changes.
  const live_count = use_channel(store.id, "ops").value<Deliveries>("deliveries")?.dead_letters;
  useEffect(() => {
    if (live_count !== undefined && letters.data && live_count !== letters.data.items.length && !letters.loading) letters.reload();
  }, [live_count]);

  const act = async (call: () => Promise<unknown>, said: string) => {
    set_busy(true);
    try {
      await call();
      toast("good", said);
      ask(null);
      letters.reload();
    } catch (thrown) {
      toast("bad", problem_from(thrown).detail);
    } finally {
      set_busy(false);
    }
  };
  const place = (x: DeadLetter) => ({ params: { path: { id: store.id, letter_id: x.id } } });

  return (
    <Card title="Dead letters" flush note="Accepted deliveries that failed every time. Nothing is lost: replay them once the cause is gone.">
      <Loaded resource={letters} rows={2}>
        {(data) =>
          data.items.length === 0 ? (
            <Empty icon="check" title="No dead letters.">
              Every accepted delivery has been processed. Checked {moment(data.as_of)}.
            </Empty>
          ) : (
            <DataTable
              label="Dead letters"
              rows={data.items}
              row_key={(x) => x.id}
              columns={[
                { head: "Topic", phone: "title", cell: (x) => <code>{x.topic}</code> },
                { head: "Received", cell: (x) => moment(x.received_at, data.as_of) },
                { head: "Tries", number: true, phone: "hide", cell: (x) => x.attempts },
                { head: "Why", cell: (x) => x.error, width: "wide" },
                {
                  head: "Action",
                  cell: (x) => (
                    <span class="row-actions">
                      <button
                        type="button"
                        class="button small"
                        disabled={busy || !may_operate}
                        onClick={() => act(() => answer(api.POST("/api/v1/stores/{id}/dead-letters/{letter_id}/replay", { ...place(x), body: {} })), "Being processed again.")}
                      >
                        Replay<span class="only-read"> delivery {x.id}</span>
                      </button>
                      <button type="button" class="button small" disabled={busy || !may_operate} onClick={() => ask(x)}>
                        Discard<span class="only-read"> delivery {x.id}</span>
                      </button>
                    </span>
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
      {asked && (
        <Confirm
          title="Discard this delivery?"
          yes="Discard"
          danger
          busy={busy}
          on_yes={() => act(() => answer(api.DELETE("/api/v1/stores/{id}/dead-letters/{letter_id}", place(asked))), "Discarded.")}
          on_close={() => ask(null)}
        >
          {asked.topic} of {moment(asked.received_at)} will not be processed. Reconciliation still finds what it was about, if Shopify still knows it.
        </Confirm>
      )}
    </Card>
  );
}

import { useState } from "preact/hooks";

import { answer, problem_from } from "~/api/answer";
import { api, type Job } from "~/api/client";
import { count, percent_done } from "~/format/number";
import { use_store } from "~/state/store_context";
import { toast } from "~/state/toasts";
import { Badge } from "~/ui/badge";
import { Icon } from "~/ui/icon";
import { Progress } from "~/ui/progress";
import { is_active, progress_text, result_text, states, title_of } from "./job_words";

/** The two jobs that people start by hand come first, whatever the server knows of them. */
const by_hand = [
  {
    feature: "manual_sync",
    title: "Sync now",
    explain: "Reads products and recent orders again and shows what was different.",
    verb: "Sync now",
  },
  {
    feature: "historical_import",
    title: "Import of past orders",
    explain: "From the newest month to the first order; it goes on by itself after an interruption.",
    verb: "Import",
  },
] as const;

interface Props {
  jobs: readonly Job[];
  as_of: string;
  reload: () => void;
}

export function Jobs({ jobs, as_of, reload }: Props) {
  const rest = jobs.filter((x) => !by_hand.some((y) => y.feature === x.feature));
  return (
    <>
      <div class="columns even">
        {by_hand.map((x) => (
          <JobCard key={x.feature} {...x} job={jobs.find((job) => job.feature === x.feature)} as_of={as_of} reload={reload} />
        ))}
      </div>
      {rest.length > 0 && (
        <section class="card flush" aria-label="Jobs that run by themselves">
          <ul class="job-list">
            {rest.map((job) => (
              <JobLine key={job.feature} job={job} as_of={as_of} reload={reload} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** Starting and cancelling; a job that runs already is simply shown, however often the button is pressed. */
function use_job(feature: string, reload: () => void) {
  const { store } = use_store();
  const [busy, set_busy] = useState(false);
  const params = { path: { id: store.id, feature } };
  const act = async (call: () => Promise<unknown>, said: string) => {
    set_busy(true);
    try {
      await call();
      toast("good", said);
      reload();
    } catch (thrown) {
      toast("bad", problem_from(thrown).detail);
    } finally {
      set_busy(false);
    }
  };
  return {
    busy,
    start: () => act(() => answer(api.POST("/api/v1/stores/{id}/jobs/{feature}", { params, body: {} })), "Started."),
    cancel: () => act(() => answer(api.DELETE("/api/v1/stores/{id}/jobs/{feature}", { params })), "It stops at the next page."),
  };
}

interface CardProps {
  feature: string;
  title: string;
  explain: string;
  verb: string;
  job: Job | undefined;
  as_of: string;
  reload: () => void;
}

function JobCard({ feature, title, explain, verb, job, as_of, reload }: CardProps) {
  const { may_operate } = use_store();
  const { busy, start, cancel } = use_job(feature, reload);
  const active = job ? is_active(job) : false;
  return (
    <section class="card job" aria-label={title}>
      <header class="card-head">
        <div>
          <h2>{title}</h2>
          <p class="note">{explain}</p>
        </div>
        <div class="card-action">
          {active ? (
            <button type="button" class="button small" disabled={busy || !may_operate} onClick={cancel}>
              Cancel
            </button>
          ) : (
            <button type="button" class="button primary small" disabled={busy || !may_operate} title={may_operate ? undefined : "Viewers cannot start jobs"} onClick={start}>
              <Icon name="sync" />
              {job?.state === "paused" || job?.state === "failed" ? "Go on" : verb}
            </button>
          )}
        </div>
      </header>
      {job ? <JobState job={job} as_of={as_of} /> : <p class="note">Never run yet.</p>}
    </section>
  );
}

function JobState({ job, as_of }: { job: Job; as_of: string }) {
  const { moment } = use_store();
  const percent = percent_done(job.done, job.total);
  const { tone, icon, word } = states[job.state];
  return (
    <>
      {(is_active(job) || job.state === "paused") && <Progress label={title_of(job)} percent={percent} running={job.state === "running"} />}
      <p class="job-line">
        <Badge tone={tone} icon={icon}>
          {percent !== null && is_active(job) ? `${word} ${percent} %` : word}
        </Badge>
        <span>{progress_text(job)}</span>
        {is_active(job) && job.rate_per_minute !== null && <span class="note">{count(job.rate_per_minute)} a minute</span>}
        {is_active(job) && job.eta && <span class="note">until about {moment(job.eta, as_of)}</span>}
        {!is_active(job) && job.finished_at && <span class="note">{moment(job.finished_at, as_of)}</span>}
      </p>
      {job.error && <p class="fault">{job.error}</p>}
      {job.result && <p class="note">{result_text(job.result, (x) => moment(x, as_of))}</p>}
    </>
  );
}

function JobLine({ job, as_of, reload }: { job: Job; as_of: string; reload: () => void }) {
  const { moment, may_operate } = use_store();
  const { busy, start } = use_job(job.feature, reload);
  const { tone, icon, word } = states[job.state];
  const detail = job.error || (job.result ? result_text(job.result, (x) => moment(x, as_of)) : progress_text(job));
  return (
    <li>
      <span class="job-name">{title_of(job)}</span>
      <Badge tone={tone} icon={icon}>
        {word}
      </Badge>
      <span class={job.error ? "fault grow" : "note grow"}>{detail}</span>
      {job.finished_at && <span class="note">{moment(job.finished_at, as_of)}</span>}
      <button type="button" class="button small" disabled={busy || !may_operate || is_active(job)} onClick={start}>
        Run now<span class="only-read">: {title_of(job)}</span>
      </button>
    </li>
  );
}

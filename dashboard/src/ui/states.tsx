import type { ComponentChildren } from "preact";

import type { Problem } from "~/api/client";
import type { Resource } from "~/state/resource";
import { Icon, type IconName } from "./icon";

/** Grey bars where content will be; the shape of the page does not jump when it comes. */
export function Skeleton({ rows = 3, tall = false }: { rows?: number; tall?: boolean }) {
  return (
    <div class={`skeleton ${tall ? "tall" : ""}`} role="status">
      <span class="only-read">Loading</span>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} class="bone" />
      ))}
    </div>
  );
}

export function Empty(props: { icon: IconName; title: string; children?: ComponentChildren; action?: ComponentChildren }) {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon name={props.icon} />
      </span>
      <p class="empty-title">{props.title}</p>
      {props.children && <p class="note">{props.children}</p>}
      {props.action}
    </div>
  );
}

/** What happened, where, and what to do: the server's words. */
export function ProblemBox({ problem, retry }: { problem: Problem; retry?: () => void }) {
  return (
    <div class="problem" role="alert">
      <Icon name="warn" />
      <div>
        <p class="problem-title">{problem.detail}</p>
        {problem.hint && <p class="note">{sentence(problem.hint)}</p>}
        {problem.instance && <p class="note">Request {problem.instance}</p>}
      </div>
      {retry && (
        <button type="button" class="button small" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

/** Skeleton, error or content of a resource; with an error beside older content, both. */
export function Loaded<T>(props: { resource: Resource<T>; rows?: number; tall?: boolean; children: (data: T) => ComponentChildren }) {
  const { data, problem, loading, reload } = props.resource;
  if (data === undefined)
    return problem && !loading ? <ProblemBox problem={problem} retry={reload} /> : <Skeleton rows={props.rows ?? 4} tall={props.tall ?? false} />;
  return (
    <>
      {problem && <ProblemBox problem={problem} retry={reload} />}
      {props.children(data)}
    </>
  );
}

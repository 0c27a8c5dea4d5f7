// Frames of the push protocol clique.v1, as the OpenAPI file describes GET /ws/v1.

export type ChannelName = "overview" | "orders.live" | "products" | "jobs" | "ops";

export interface Snap {
  t: "snap";
  ch: string;
  store: string;
  epoch: string | number;
  seq: number;
  data: Record<string, unknown>;
  resumed: boolean;
}
export interface Patch {
  t: "patch";
  ch: string;
  store: string;
  seq: number;
  prev: number;
  set?: Record<string, unknown>;
  del?: string[];
}
export interface Bye {
  t: "bye";
  retry_ms: number;
}
export interface Refusal {
  t: "error";
  ch?: string;
  store?: string;
  code: string;
  detail: string;
}
export type ServerFrame = { t: "hello"; server: string; session: string } | Snap | Patch | { t: "hb" } | Bye | Refusal;

export type ClientFrame =
  | { t: "hello"; vis: boolean }
  | { t: "sub"; ch: string; store: string; epoch?: string | number; seq?: number }
  | { t: "unsub"; ch: string; store: string }
  | { t: "vis"; visible: boolean };

/** Reads a frame; null for text that is not one (a newer server may say things that we do not know). */
export function read_frame(text: string): ServerFrame | null {
  try {
    const frame = JSON.parse(text) as { t?: unknown } | null;
    return frame && typeof frame.t === "string" ? (frame as ServerFrame) : null;
  } catch {
    return null;
  }
}

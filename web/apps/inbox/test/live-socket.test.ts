import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LiveFrame } from "@/api/live";
import { LiveSocket, type LiveState } from "@/live/socket";

class FakeWebSocket {
  static all: FakeWebSocket[] = [];
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  readyState = 1;
  sent: Record<string, unknown>[] = [];
  onopen: () => void = () => undefined;
  onmessage: (message: { data: string }) => void = () => undefined;
  onclose: (event: { code: number }) => void = () => undefined;
  constructor() {
    FakeWebSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.readyState = 3;
  }
  say(frame: unknown): void {
    this.onmessage({ data: JSON.stringify(frame) });
  }
  drop(code: number): void {
    this.readyState = 3;
    this.onclose({ code });
  }
}

const frames: LiveFrame[] = [];
const states: LiveState[] = [];
const renew = vi.fn(async () => null);
let socket: LiveSocket;
const line = (n: number): FakeWebSocket => FakeWebSocket.all[n] as FakeWebSocket;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeWebSocket);
  vi.stubGlobal("window", new EventTarget());
  FakeWebSocket.all = [];
  frames.length = 0;
  states.length = 0;
  renew.mockClear();
  const callbacks = {
    token: () => "t",
    renew,
    onFrame: (frame: LiveFrame) => frames.push(frame),
    onState: (state: LiveState) => states.push(state),
  };
  socket = new LiveSocket("ws://desk/live", callbacks);
  socket.start();
  line(0).onopen();
});

afterEach(() => {
  socket.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("it says who it is before anything else", () => {
  expect(line(0).sent).toEqual([{ type: "hello", token: "t", last_id: null }]);
});

test("after a break it resumes from the last it heard", async () => {
  line(0).say({ type: "ready", id: "5", resumed: false });
  line(0).say({ type: "availability", id: "6", agent_id: "a", status: "away", reason: "", at: "" });
  line(0).drop(1006);
  await vi.advanceTimersByTimeAsync(1000);
  line(1).onopen();
  expect(line(1).sent[0]).toMatchObject({ last_id: "6" });
  line(1).say({ type: "ready", id: "9", resumed: true });
  expect(states.at(-1)).toBe("live");
  expect(frames.at(-1)).toMatchObject({ type: "ready" });
});

test("a gap that can't be closed asks for everything anew", () => {
  line(0).say({ type: "ready", id: "5", resumed: false });
  expect(frames).toEqual([{ type: "resync" }]);
});

test("an ended token is renewed before trying again", async () => {
  line(0).drop(4401);
  await vi.advanceTimersByTimeAsync(1000);
  expect(renew).toHaveBeenCalledOnce();
  expect(FakeWebSocket.all).toHaveLength(2);
});

test("the pauses grow and stay below the longest", async () => {
  for (let n = 0; n < 12; n++) {
    line(n).drop(1006);
    await vi.advanceTimersByTimeAsync(15_001);
    expect(FakeWebSocket.all).toHaveLength(n + 2);
  }
  line(12).drop(1006);
  await vi.advanceTimersByTimeAsync(7_000);
  expect(FakeWebSocket.all).toHaveLength(13);
});

test("a renewed token is told to the open line", () => {
  socket.renewed("t2");
  expect(line(0).sent.at(-1)).toEqual({ type: "token", token: "t2" });
});

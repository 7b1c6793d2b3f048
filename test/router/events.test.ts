import test from "ava";
import { TypedEventTarget } from "../../src/router/events.ts";

interface Events {
  one: CustomEvent<number>;
  two: CustomEvent<number>;
}

class Source extends TypedEventTarget<Events> {
  tell(type: keyof Events, detail: number): void {
    this.emit(type, detail);
  }
}

function heardBy(source: Source): string[] {
  const heard: string[] = [];
  source.addEventListener("one", ({ detail }) => heard.push(`one ${detail}`));
  source.addEventListener("two", ({ detail }) => heard.push(`two ${detail}`));
  return heard;
}

test("events: they come after the turn, in the order in which they were told", async (t) => {
  const source = new Source();
  const heard = heardBy(source);
  source.tell("one", 1);
  source.tell("two", 2);
  source.tell("one", 3);
  t.deepEqual(heard, []);
  await undefined;
  t.deepEqual(heard, ["one 1", "two 2", "one 3"]);
});

test("events: what a listener tells comes after what was told before", async (t) => {
  const source = new Source();
  const heard = heardBy(source);
  source.addEventListener("one", ({ detail }) => {
    if (detail === 1) source.tell("two", 3);
  });
  source.tell("one", 1);
  source.tell("one", 2);
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(heard, ["one 1", "one 2", "two 3"]);
});

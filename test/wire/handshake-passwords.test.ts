import test from "ava";
import { HandshakeError } from "../../src/wire/index.ts";
import { ascii, concat, cuts, hex } from "./bytes.ts";
import { acceptor, converse, dialler } from "./handshake-pair.ts";

const [first, second, third] = [ascii("first"), new Uint8Array(0), ascii("third")];

for (const maxVersion of [1, 2] as const) {
  for (const [cutName, cut] of cuts) {
    for (const [name, password] of [
      ["first", first],
      ["second, which is empty", second],
      ["third", third],
    ] as const) {
      test(`passwords: version ${maxVersion}: of several the dialler's is found: the ${name}, received ${cutName}`, (t) => {
        const dialling = dialler({ maxVersion, password });
        const accepting = acceptor({ password: [first, second, third] });
        const conversation = converse(dialling, accepting, cut);
        if (maxVersion === 1) {
          // In version 1 nothing was sealed yet: the acceptor waits for the first message.
          t.is(conversation.acceptorSession, undefined);
          t.is(accepting.phase, "features");
          for (const chunk of cut(conversation.diallerSession!.outgoing.encode(4, ascii("opens it")))) {
            const { write, session } = accepting.push(chunk);
            t.deepEqual(write, []);
            if (session !== undefined) conversation.acceptorSession = session;
          }
          t.is(hex(conversation.acceptorSession!.incoming.next()!), `04${hex(ascii("opens it"))}`);
        }
        const { diallerSession, acceptorSession } = conversation;
        t.deepEqual(acceptorSession!.sessionKey, diallerSession!.sessionKey);
        diallerSession!.incoming.push(acceptorSession!.outgoing.encode(5, ascii("back")));
        t.is(hex(diallerSession!.incoming.next()!), `05${hex(ascii("back"))}`);
        acceptorSession!.incoming.push(diallerSession!.outgoing.encode(5, ascii("forth")));
        t.is(hex(acceptorSession!.incoming.next()!), `05${hex(ascii("forth"))}`);
      });
    }
  }

  test(`passwords: version ${maxVersion}: the dialler uses its first`, (t) => {
    const conversation = converse(
      dialler({ maxVersion, password: [third, first] }),
      acceptor({ password: third }),
    );
    t.deepEqual(conversation.acceptorSession!.sessionKey, conversation.diallerSession!.sessionKey);
  });

  test(`passwords: version ${maxVersion}: a list of one is as one`, (t) => {
    const conversation = converse(dialler({ maxVersion, password: first }), acceptor({ password: [first] }));
    t.truthy(conversation.acceptorSession);
  });

  test(`passwords: version ${maxVersion}: none of several opens the dialler's first message`, (t) => {
    const recorded = converse(
      dialler({ maxVersion, password: ascii("x") }),
      acceptor({ password: ascii("x") }),
    );
    const message = recorded.diallerSession!.outgoing.encode(4, ascii("message"));
    const accepting = acceptor({ password: [first, second] });
    accepting.start();
    const error = t.throws(() => accepting.push(concat(...recorded.fromDialler, message)), {
      instanceOf: HandshakeError,
    });
    t.is(error.code, "cannot-decrypt");
    t.is(error.message, "Unable to decrypt TCP msg");
    t.is(error.phase, "features");
    t.is(accepting.phase, "failed");
  });
}

test("passwords: version 2: the acceptor's first sealed frame waits for the dialler's", (t) => {
  const { fromDialler } = converse(dialler({ password: third }), acceptor({ password: third }));
  const accepting = acceptor({ password: [first, third] });
  accepting.start();
  t.is(accepting.push(fromDialler[0]!).write.length, 1);
  t.deepEqual(accepting.push(fromDialler[1]!).write, []);
  const { write, session } = accepting.push(fromDialler[2]!);
  t.is(write.length, 1);
  t.truthy(session);
});

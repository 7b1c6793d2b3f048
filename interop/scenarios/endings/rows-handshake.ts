import { encodeFeatures, type Features } from "../../../src/wire/index.ts";
import { frame, header, hex, plain, text } from "./bytes.ts";
import { type FeatureChanges, featuresOf, type Offender } from "./offender.ts";
import { disguise, type Row } from "./row.ts";

type Finale = "wait" | "finish" | "reset";

/**
 * Sends bytes as they are, and then perhaps ends. After each step the victim gets the time to answer, so that nothing
 * is on its way when the offence comes.
 */
const blurt =
  (chunks: readonly (readonly number[])[], finale: Finale = "wait") =>
  async (offender: Offender): Promise<void> => {
    for (const chunk of chunks) {
      offender.bytes(chunk);
      await offender.settle();
    }
    if (finale === "finish") offender.finish();
    if (finale === "reset") offender.reset();
  };

const introduce =
  (changes: FeatureChanges, maxVersion = 2) =>
  (offender: Offender): Promise<void> =>
    offender.join(changes, { maxVersion });

/** Opens version 2 by hand, up to a features frame with this body. */
const features = (body: readonly number[]) => blurt([header, plain, frame(body)]);
const honest = [...encodeFeatures(featuresOf("02:00:00:00:00:01") as Features)];

const reset = /^read tcp VICTIM->OFFENDER: read: connection reset by peer$/;

/** Offences before the two sides have agreed on a version. */
export const headerRows: readonly Row[] = [
  {
    title: "random bytes for a header",
    offend: blurt([text("GET / HTTP/1.1\r\n\r\n")]),
    says: "remote protocol header not recognised: [71 69 84 32 47]",
  },
  {
    title: "seven zeros for a header",
    offend: blurt([hex("00000000000000")]),
    says: "remote protocol header not recognised: [0 0 0 0 0]",
  },
  {
    title: "the end in place of a header",
    offend: blurt([[]], "finish"),
    says: "failed to receive remote protocol header: EOF",
  },
  {
    title: "half a header, then the end",
    offend: blurt([text("wea")], "finish"),
    says: "received incomplete remote protocol header (3 octets instead of 7): [119 101 97]; error: unexpected EOF",
  },
  {
    title: "a reset at once",
    offend: blurt([], "reset"),
    says: /^failed to receive remote protocol header: read tcp VICTIM->OFFENDER: read: connection reset by peer$/,
  },
  {
    title: "half a header, then a reset",
    offend: blurt([text("weav")], "reset"),
    says: /^received incomplete remote protocol header \(4 octets instead of 7\): \[119 101 97 118\]; error: read tcp VICTIM->OFFENDER: read: connection reset by peer$/,
  },
  {
    title: "silence instead of a header, for 10 s",
    offend: blurt([]),
    afterSeconds: 10,
    says: "failed to receive remote protocol header: read tcp VICTIM->OFFENDER: i/o timeout",
  },
  {
    title: "silence in the middle of the header, for 10 s",
    offend: blurt([text("weave")]),
    afterSeconds: 10,
    says: "received incomplete remote protocol header (5 octets instead of 7): [119 101 97 118 101]; error: read tcp VICTIM->OFFENDER: i/o timeout",
  },
  {
    title: "only versions to come",
    offend: blurt([[...text("weave"), 3, 4]]),
    says: "remote version range [3,4] is incompatible with ours [1,2]",
  },
  {
    title: "only a version before the first",
    offend: blurt([[...text("weave"), 0, 0]]),
    says: "remote version range [0,0] is incompatible with ours [1,2]",
  },
  {
    title: "a range of versions upside down",
    offend: blurt([[...text("weave"), 2, 1]]),
    says: "remote version range [2,1] is incompatible with ours [1,2]",
  },
];

/** Offences between header and features, of a side that has no password against one that has none. */
export const openingRows: readonly Row[] = [
  {
    title: "an encryption flag that does not exist",
    offend: blurt([header, [7]]),
    says: "Bad encryption flag 7",
  },
  {
    title: "a password where there is none, in version 2",
    offend: (offender) => offender.join({}, { password: Buffer.from("secret") }),
    says: "no password specificed, but peer requested an encrypted connection",
  },
  {
    title: "a password where there is none, in version 1",
    offend: (offender) => offender.join({}, { password: Buffer.from("secret"), maxVersion: 1 }),
    says: "no password specificed, but peer requested an encrypted connection",
  },
  { title: "the end after the header, in version 2", offend: blurt([header], "finish"), says: "EOF" },
  {
    title: "the end after the header, in version 1",
    offend: blurt([[...text("weave"), 1, 1]], "finish"),
    says: "EOF",
  },
  { title: "a reset after the header", offend: blurt([header], "reset"), says: reset },
  { title: "the end after the flag", offend: blurt([header, plain], "finish"), says: "EOF" },
  {
    title: "the end in the length of the features",
    offend: blurt([header, plain, [0, 0, 0]], "finish"),
    says: "unexpected EOF",
  },
  {
    title: "the end after the length of the features",
    offend: blurt([header, plain, [0, 0, 0, 9]], "finish"),
    says: "EOF",
  },
  {
    title: "the end in the features",
    offend: blurt([header, plain, [0, 0, 0, 9, 1]], "finish"),
    says: "unexpected EOF",
  },
  {
    title: "the end in the features, in version 1",
    offend: blurt([[...text("weave"), 1, 1], honest.slice(0, 40)], "finish"),
    says: "unexpected EOF",
  },
  {
    title: "features above the limit of a frame",
    offend: blurt([header, plain, [0x00, 0xa0, 0x00, 0x01]]),
    says: "incoming message exceeds maximum size: 10485761 > 10485760",
  },
  { title: "a reset in the features", offend: blurt([header, plain, [0, 0, 0, 9, 1]], "reset"), says: reset },
];

/** Offences against a side that has the password "secret". */
export const passwordRows: readonly Row[] = [
  {
    title: "no password where there is one, in version 2",
    offend: (offender) => offender.join(),
    says: "password specified, but peer requested an unencrypted connection",
  },
  {
    title: "no password where there is one, in version 1",
    offend: (offender) => offender.join({}, { maxVersion: 1 }),
    says: "password specified, but peer requested an unencrypted connection",
  },
  {
    title: "another password, in version 2",
    offend: (offender) => offender.join({}, { password: Buffer.from("guess") }),
    says: "Unable to decrypt TCP msg",
  },
  {
    title: "an empty password",
    offend: (offender) => offender.join({}, { password: new Uint8Array(0) }),
    says: "Unable to decrypt TCP msg",
  },
  {
    title: "another password, in version 1",
    async offend(offender) {
      await offender.join({}, { password: Buffer.from("guess"), maxVersion: 1 });
      // The features were not sealed; the first message is.
      offender.message(0);
    },
    says: "Unable to decrypt TCP msg",
    // Go sends its sealed state at once; ours goes to whoever has proved to know the password.
    weLetHear: ["handshake: version 1"],
  },
  { title: "the end after the flag", offend: blurt([header, [1]], "finish"), says: "EOF" },
  { title: "the end in the key", offend: blurt([header, [1, 2, 3]], "finish"), says: "unexpected EOF" },
  {
    title: "an encryption flag that does not exist",
    offend: blurt([header, [9]]),
    says: "Bad encryption flag 9",
  },
  {
    title: "features that do not open",
    offend: blurt([header, [1, ...new Array<number>(32).fill(9)], frame(new Array<number>(40).fill(3))]),
    says: "Unable to decrypt TCP msg",
  },
  {
    title: "features too short for a seal",
    offend: blurt([header, [1, ...new Array<number>(32).fill(9)], frame([1, 2, 3])]),
    says: "Unable to decrypt TCP msg",
  },
];

/** Features that gob cannot read, or that say too little or the wrong thing. */
export const featureRows: readonly Row[] = [
  { title: "features of no bytes", offend: features([]), says: "EOF" },
  {
    title: "features that end in the type definition",
    offend: features(honest.slice(0, 9)),
    says: "unexpected EOF",
  },
  {
    title: "features that end after the type definition",
    offend: features(honest.slice(0, 15)),
    says: "unexpected EOF",
  },
  { title: "features that end in the map", offend: features(honest.slice(0, 60)), says: "unexpected EOF" },
  ...["PeerNameFlavour", "Name", "NickName", "UID", "ConnID"].flatMap((name) =>
    [1, 2].map((version) => ({
      title: `features without ${name}, in version ${version}`,
      offend: introduce({ [name]: undefined }, version),
      says: `field ${name} is missing`,
    })),
  ),
  {
    title: "names of the hash flavour",
    flavour: "mac",
    offend: introduce({ PeerNameFlavour: "hash", Name: "00".repeat(16) }),
    says: "Peer name flavour mismatch (ours: 'mac', theirs: 'hash')",
  },
  {
    title: "names of the mac flavour",
    flavour: "hash",
    offend: introduce({ PeerNameFlavour: "mac", Name: "00:00:00:00:00:02" }),
    says: "Peer name flavour mismatch (ours: 'hash', theirs: 'mac')",
  },
  {
    title: "a flavour that does not exist",
    offend: introduce({ PeerNameFlavour: "it's" }),
    says: /^Peer name flavour mismatch \(ours: '(mac|hash)', theirs: 'it's'\)$/,
  },
  {
    title: "a UID that is no number",
    offend: introduce({ UID: "many" }),
    says: 'strconv.ParseUint: parsing "many": invalid syntax',
  },
  {
    title: "an empty UID",
    offend: introduce({ UID: "" }),
    says: 'strconv.ParseUint: parsing "": invalid syntax',
  },
  {
    title: "a UID of more than 64 bits",
    offend: introduce({ UID: "18446744073709551616" }),
    says: 'strconv.ParseUint: parsing "18446744073709551616": value out of range',
  },
  {
    title: "a ConnID with a sign",
    offend: introduce({ ConnID: "+1" }),
    says: 'strconv.ParseUint: parsing "+1": invalid syntax',
  },
  {
    title: "a short ID of more than 12 bits",
    offend: introduce({ ShortID: "4096" }),
    says: 'strconv.ParseUint: parsing "4096": value out of range',
  },
  {
    title: "a short ID that is no number",
    offend: introduce({ ShortID: "é\n" }),
    says: 'strconv.ParseUint: parsing "é\\n": invalid syntax',
  },
  {
    title: "a trust that is neither true nor false",
    offend: introduce({ Trusted: "maybe" }),
    says: 'strconv.ParseBool: parsing "maybe": invalid syntax',
  },
  {
    title: "a name that is none",
    flavour: "mac",
    offend: introduce({ Name: "nobody" }),
    says: 'invalid peer name format: "nobody"',
  },
  {
    title: "an empty name",
    flavour: "mac",
    offend: introduce({ Name: "" }),
    says: 'invalid peer name format: ""',
  },
  {
    title: "a name that is not hexadecimal",
    flavour: "hash",
    offend: introduce({ Name: "nobody" }),
    says: "encoding/hex: invalid byte: U+006E 'n'",
  },
  {
    title: "a name of half a byte too much",
    flavour: "hash",
    offend: introduce({ Name: "00".repeat(16).concat("0") }),
    says: "encoding/hex: odd length hex string",
  },
  {
    title: "the victim's own name with another UID",
    offend: (offender, victim) => offender.join(disguise(victim, victim.uid + 1n)),
    says: 'local "VICTIMNAME(VICTIMNICK)" and remote "VICTIMNAME(twin)" peer names collision',
  },
  {
    title: "the victim's own name and UID",
    offend: (offender, victim) => offender.join(disguise(victim, victim.uid)),
    says: "cannot connect to ourself",
  },
];

/** What ends a handshake with a side that speaks version 2 only. */
export const secondVersionRows: readonly Row[] = [
  {
    title: "version 1 only",
    offend: blurt([[...text("weave"), 1, 1]]),
    says: "remote version range [1,1] is incompatible with ours [2,2]",
  },
  { title: "version 1 only, honestly", offend: introduce({}, 1), says: /incompatible with ours \[2,2\]$/ },
];

/** What happens to a stranger when all connections are taken. */
export const limitRows: readonly Row[] = [
  { title: "more connections than the limit", offend: introduce({}), says: "Connection limit reached (1)" },
  {
    title: "more connections than the limit, in version 1",
    offend: introduce({}, 1),
    says: "Connection limit reached (1)",
  },
];

/** Silence that is borne for a minute. */
export const silentHandshakeRows: readonly Row[] = [
  {
    title: "silence after the header, for 60 s",
    offend: blurt([header]),
    afterSeconds: 60,
    says: "read tcp VICTIM->OFFENDER: i/o timeout",
  },
  {
    title: "silence after the header in version 1, for 60 s",
    offend: blurt([[...text("weave"), 1, 1]]),
    afterSeconds: 60,
    says: "read tcp VICTIM->OFFENDER: i/o timeout",
  },
  {
    title: "silence in the features, for 60 s",
    offend: blurt([header, plain, [0, 0, 0, 9, 1]]),
    afterSeconds: 60,
    says: "read tcp VICTIM->OFFENDER: i/o timeout",
  },
];

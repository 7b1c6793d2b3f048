/**
 * Returns a time as Go prints one that was taken from its clock: nanoseconds without trailing zeros, the zone's offset and
 * name, and the monotonic reading.
 *
 * @param ms milliseconds since the epoch, possibly fractional.
 * @param processStartMs the start of the monotonic clock, in milliseconds since the epoch.
 *
 * Source: time.Time.String.
 */
export function goTime(ms: number, processStartMs: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const fraction = ((((ms % 1000) + 1000) % 1000) / 1000)
    .toFixed(9)
    .slice(1)
    .replace(/\.?0+$/, "");
  const offset = -date.getTimezoneOffset();
  const sign = offset < 0 ? "-" : "+";
  const zone = `${sign}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const name = offset === 0 ? "UTC" : (zoneName(date) ?? zone);
  const monotonic = (ms - processStartMs) / 1000;
  return `${day} ${time}${fraction} ${zone} ${name} m=${monotonic < 0 ? "-" : "+"}${Math.abs(monotonic).toFixed(9)}`;
}

/** Made once, as making one takes longer than a hundred uses, and a status can hold many times. */
let zoneFormat: Intl.DateTimeFormat | undefined;

function zoneName(date: Date): string | undefined {
  zoneFormat ??= new Intl.DateTimeFormat("en-US", { timeZoneName: "short" });
  const parts = zoneFormat.formatToParts(date);
  return parts.find((part) => part.type === "timeZoneName")?.value;
}

/**
 * The times of an RRSIG record as text (RFC 4034 §3.2): `YYYYMMDDHHmmSS` in UTC, or seconds since
 * 1970. The calendar is written out here (proleptic Gregorian, years from March, 400-year eras),
 * since this module reads no clock, nor anything that belongs to one.
 */

const SECONDS_PER_DAY = 86_400;
const DAYS_PER_ERA = 146_097;
/** Days from 0000-03-01 to 1970-01-01. */
const EPOCH_DAY = 719_468;

const CALENDAR_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/;

/** `seconds` is from 0 to 2^32 - 1, so the year is from 1970 to 2106. */
export function formatSignatureTime(seconds: number): string {
  const { year, month, day } = dateOfDay(Math.floor(seconds / SECONDS_PER_DAY));
  const rest = seconds % SECONDS_PER_DAY;
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60];
  return year.toString() + [month, day, ...clock].map(twoDigits).join("");
}

/** Undefined when the text is neither form, or out of the 32 bits the time has. */
export function parseSignatureTime(text: string): number | undefined {
  const match = CALENDAR_TIME.exec(text);
  const seconds = match === null ? plainSeconds(text) : calendarSeconds(match);
  return seconds >= 0 && seconds <= 0xffff_ffff ? seconds : undefined;
}

function plainSeconds(text: string): number {
  return /^\d{1,10}$/.test(text) ? Number(text) : -1;
}

function calendarSeconds(match: RegExpExecArray): number {
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const dayNumber = dayOfDate(year, month, day);
  const date = dateOfDay(dayNumber);
  const isReal = date.year === year && date.month === month && date.day === day;
  if (!isReal || hour > 23 || minute > 59 || second > 59) return -1;
  return dayNumber * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
}

function dateOfDay(dayNumber: number): { year: number; month: number; day: number } {
  const days = dayNumber + EPOCH_DAY;
  const era = Math.floor(days / DAYS_PER_ERA);
  const dayOfEra = days - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  const dayOfYear = dayOfEra - (365 * yearOfEra + leapDays);
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

function dayOfDate(year: number, month: number, day: number): number {
  const fromMarch = month <= 2 ? year - 1 : year;
  const era = Math.floor(fromMarch / 400);
  const yearOfEra = fromMarch - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - EPOCH_DAY;
}

function twoDigits(value: number): string {
  return value.toString().padStart(2, "0");
}

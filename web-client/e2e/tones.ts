import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const RATE_HZ = 8_000;

/** A WAV file of one tone, mono, 16 bit. */
function tone(frequencyHz: number, seconds: number): Buffer {
  const samples = RATE_HZ * seconds;
  const file = Buffer.alloc(44 + samples * 2);
  file.write("RIFF", 0);
  file.writeUInt32LE(36 + samples * 2, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(RATE_HZ, 24);
  file.writeUInt32LE(RATE_HZ * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36);
  file.writeUInt32LE(samples * 2, 40);
  for (let sample = 0; sample < samples; sample += 1) {
    file.writeInt16LE(Math.round(8_000 * Math.sin((2 * Math.PI * frequencyHz * sample) / RATE_HZ)), 44 + sample * 2);
  }
  return file;
}

const TRACKS = ["Low Gain - Slow Orbit", "Ohm and Amp - Redline", "The Bench Lamps - Neon Cantina", "Copper Kettle Five - Swing", "Low Gain - Lanterns"];

/** A folder of tracks whose names carry artist and title, and one file that is no music. */
export function makeTones(folder: string): void {
  mkdirSync(folder, { recursive: true });
  TRACKS.forEach((name, index) => writeFileSync(join(folder, `${name}.wav`), tone(220 + index * 55, 90 + index * 20)));
  writeFileSync(join(folder, "Broken - Beyond Repair.mp3"), "this is no music");
}

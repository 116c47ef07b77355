/** Browser storage that may be refused, full or hold nonsense: absence is then the answer, never an exception. */

function shelf(kind: "local" | "session"): Storage | null {
  try {
    return kind === "local" ? window.localStorage : window.sessionStorage;
  } catch {
    return null;
  }
}

function of(kind: "local" | "session") {
  return {
    get<T>(key: string): T | null {
      try {
        const text = shelf(kind)?.getItem(`lectern.${key}`);
        return text ? (JSON.parse(text) as T) : null;
      } catch {
        return null;
      }
    },
    /** False if the browser did not keep it. */
    set(key: string, value: unknown): boolean {
      try {
        const storage = shelf(kind);
        storage?.setItem(`lectern.${key}`, JSON.stringify(value));
        return storage !== null;
      } catch {
        return false;
      }
    },
    remove(key: string): void {
      try {
        shelf(kind)?.removeItem(`lectern.${key}`);
      } catch {
        // Nothing was kept.
      }
    },
    keys(prefix: string): string[] {
      try {
        const whole = `lectern.${prefix}`;
        return Object.keys(shelf(kind) ?? {})
          .filter((key) => key.startsWith(whole))
          .map((key) => key.slice("lectern.".length));
      } catch {
        return [];
      }
    },
  };
}

export const local = of("local");
export const session = of("session");

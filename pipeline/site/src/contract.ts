/** What the API answers: the shapes of `/v1`. */

export interface User {
  id: string | number;
  email: string;
  name: string;
  avatar: string | null;
  language: string;
  time_zone: string;
}

export interface Session {
  csrf: string;
  user: User | null;
  providers: string[];
}

export interface ItemState {
  state: "started" | "completed";
  /** Seconds into the lesson's video. */
  position?: number | null;
  score?: number | null;
  points?: number | null;
}

export interface Enrolment {
  course: string;
  slug: string;
  title: string;
  release: number;
  percent: number;
  completed: number;
  total: number;
  resume: { lesson: string; slug: string; title: string; position: number | null } | null;
  enrolled_at: string;
  cover: string | null;
  standing: "open" | "retired" | "withdrawn" | "gone";
  /** What the school says about a standing that is not open. */
  note: string;
  items?: Record<string, ItemState>;
}

export type EventKind = "viewed" | "position" | "completed" | "reopened";

export interface ProgressEvent {
  id: string;
  item: string;
  kind: EventKind;
  position?: number;
  at: string;
}

export interface ProgressAnswer {
  accepted: number;
  duplicates: number;
  percent: number;
  items: Record<string, ItemState>;
}

export interface QuestionResult {
  id: string;
  correct: boolean;
  points: number;
  explanation_html: string;
}

export interface Attempt {
  id: string;
  score: number;
  points: number;
  passed: boolean;
  questions: QuestionResult[];
}

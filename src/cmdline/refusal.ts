/** Why a text means nothing, as the beginning of a sentence; what was typed stands in it unescaped. */
export interface Refusal {
  readonly why: string
}

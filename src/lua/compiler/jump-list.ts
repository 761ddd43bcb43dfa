/** Jumps of Lua's own code to one place that is not known yet. Each has the distance to the next one meanwhile. */

/** Instructions that a jump can pass over. */
const FARTHEST = 2 ** 17 - 1;

export class JumpList {
  private last: number;
  private lowest: number;
  private highest: number;

  constructor(
    readonly first: number,
    /** There is one that carries no value to its target, where one may be wanted. */
    public lacksValue: boolean,
  ) {
    this.last = first;
    this.lowest = first;
    this.highest = first;
  }

  /** False if the link would be too long. */
  add(other: JumpList): boolean {
    const isNear = isInReach(this.last, other.first);
    this.last = other.last;
    this.lowest = Math.min(this.lowest, other.lowest);
    this.highest = Math.max(this.highest, other.highest);
    this.lacksValue ||= other.lacksValue;
    return isNear;
  }

  canReach(target: number): boolean {
    return isInReach(this.lowest, target) && isInReach(this.highest, target);
  }
}

/** From an instruction to another. */
function isInReach(from: number, to: number): boolean {
  return Math.abs(to - (from + 1)) <= FARTHEST;
}

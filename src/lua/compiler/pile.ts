/** Lists under way, one upon the other. Each is made when its length is known: one that grows has room for 16 more. */
export class Pile<Item> {
  private readonly items: Item[] = [];
  height = 0;

  push(item: Item): void {
    this.items[this.height++] = item;
  }

  /** The list that was begun at a height. */
  takeFrom(height: number): Item[] {
    const count = this.height - height;
    this.height = height;
    return count === 1 ? [this.items[height]!] : this.items.slice(height, height + count);
  }
}

/// What is wrong with the form of a variable's value: what it shows of the value is that it is damaged, and no more.
public enum ValueFlaw: String, Codable, Sendable, CaseIterable {
  /// It begins or ends with white space.
  case surroundingSpace
  /// It holds a carriage return, as of a file with Windows' line ends.
  case carriageReturn
  /// Quotation marks stand around it and are part of it.
  case quotes
  /// It holds a byte order mark.
  case byteOrderMark
  /// It holds a space that no keyboard types: no-break, zero width.
  case unusualSpace
  /// It begins or ends with a typographic quotation mark.
  case smartQuotes
  /// It is the text of something that was not there: `undefined`, `null`, `NaN`, `None`, `[object Object]`.
  case textOfNothing
  /// It holds a reference that nobody expanded: `${NAME}`, `$(NAME)`, `{{ … }}`, or is `$NAME`.
  case unexpandedReference
  /// It stands where the value is still to be filled in: `changeme`, `xxx`, `<your key>`.
  case placeholder
  /// It is the secret that `.env.example` gives as a sample.
  case sample
  /// It ends at a `#` without white space before it: what follows was taken as a comment.
  case cutAtHash
}

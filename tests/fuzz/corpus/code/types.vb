Enum Size
  Small
  Large = 10
End Enum
Structure Point
  Public X As Integer, Y As Integer
  Sub New(a As Integer, Optional b As Integer = 2)
    X = a : Y = b
  End Sub
End Structure
Class Node
  Public Shared Made As Integer
  Public Rest As Node
  Private at As Point
  Default ReadOnly Property Place(Optional n As Integer = 0) As Point
    Get
      Return at
    End Get
  End Property
  Property Mark As Size = Size.Large
  Sub New(p As Point)
    at = p
    Made += 1
  End Sub
  Overrides Function ToString() As String
    Return $"{at.X},{at.Y,4:N1} {Mark.ToString()}" & If(Rest?.ToString(), "")
  End Function
End Class
Function F(Optional n As Integer = 2)
  Dim list As New List(Of Node) From {New Node(New Point(1))}, p(n) As Point
  For i = 1 To n
    p(i).X += i
    list.Add(New Node(p(i)) With {.Rest = list(i - 1), .Mark = Size.Small})
  Next
  With list(n)
    .Mark = 1
    Return .ToString() & Node.Made
  End With
End Function

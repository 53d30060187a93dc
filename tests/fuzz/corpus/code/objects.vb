Function F()
  Dim l As New List(Of String), b As New System.Text.StringBuilder("x")
  Try
    l.Add("a") : l.Insert(0, "b")
    For Each v In l
      b.Append(v).AppendLine()
    Next
    Throw New Exception("e")
  Catch ex As Exception
    b.Append(ex.Message)
  Finally
    l.Clear()
  End Try
  With b
    Return .ToString() & .Length
  End With
End Function

Function F(a As Date)
  Return "date"
End Function
Function F(a As Boolean)
  Return "boolean"
End Function
Function F(a As Decimal, Optional b As Integer = 7, Optional c As String = "c", Optional d As Object = Nothing)
  Return "decimal" & b & c
End Function
Function F(ParamArray all() As Object)
  Return F(all.Length, 1)
End Function
